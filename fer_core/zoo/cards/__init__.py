"""Model cards: the metadata of one model, validated on reading.

`ModelCard` describes a model that was trained and scored here, `ImportedCard` one from elsewhere.
"""

from fer_core.zoo.cards.card_parts import (
    NAME_PATTERN,
    Consensus,
    Member,
    PhotoTemperature,
    Protocol,
    Training,
    WeightsFile,
    members_checksum,
)
from fer_core.zoo.cards.imported_card import ImportedCard, ImportedFile
from fer_core.zoo.cards.model_card import ModelCard
from fer_core.zoo.cards.reading import CARD_FILE, RunnableCard, read_card

__all__ = [
    "CARD_FILE",
    "NAME_PATTERN",
    "Consensus",
    "ImportedCard",
    "ImportedFile",
    "Member",
    "ModelCard",
    "PhotoTemperature",
    "Protocol",
    "RunnableCard",
    "Training",
    "WeightsFile",
    "members_checksum",
    "read_card",
]
