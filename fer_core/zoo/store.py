"""The saved models: which there are, their cards, and whether their files are intact.

>>> listing = list_models()
>>> [card.name for card in listing.cards]
['cnn', 'mobilenet']
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fer_core.errors import ModelError
from fer_core.paths import models_directory
from fer_core.zoo.card import CARD_FILE, NAME_PATTERN, ModelCard, read_card

__all__ = [
    "BrokenModel",
    "ModelCard",
    "ModelListing",
    "list_models",
    "load_card",
    "model_folder",
    "verified_members",
    "verified_weights",
    "with_distinct_titles",
]

WEIGHTS_FILE: Final = "model.keras"


@dataclass(frozen=True)
class BrokenModel:
    """A model folder that cannot be used, and why."""

    name: str
    message: str


@dataclass(frozen=True)
class ModelListing:
    """What is in the models folder.

    Attributes:
        cards: the usable models: FER2013's first, last those that also read action units, whose
            accuracy is one on posed peaks and who know no neutral face; single ones before
            ensembles. Each group is best first by plain accuracy on the selection split.
        broken: the folders that are no usable model.
    """

    cards: tuple[ModelCard, ...]
    broken: tuple[BrokenModel, ...]

    @property
    def default(self) -> ModelCard | None:
        """The best single model, or None when there is none."""
        return next((card for card in self.cards if not card.members), None)


def list_models(models_dir: str | Path | None = None) -> ModelListing:
    """Reads every card; a broken one is listed with its message and hides no other.

    Args:
        models_dir: the folder to look in; by default `models_directory()`. It may be missing.
    """
    root = Path(models_dir or models_directory())
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    cards, broken = [], []
    for folder in folders:
        if folder.name.startswith((".", "_")):
            continue
        try:
            card = load_card(folder.name, models_dir=root)
            if card.members:
                _check_members(card, root)
            else:
                _check_size(folder / WEIGHTS_FILE, card)
            cards.append(card)
        except ModelError as error:
            broken.append(BrokenModel(folder.name, str(error)))
    cards.sort(
        key=lambda card: (
            card.task != "emotion",
            card.protocol.dataset != "FER2013",  # scores on other faces do not compare
            bool(card.members),
            -card.selected_on.accuracy.value,
        )
    )
    return ModelListing(tuple(cards), tuple(broken))


def with_distinct_titles(cards: Sequence[ModelCard]) -> tuple[ModelCard, ...]:
    """Returns the cards in the same order; those that share a title get their name added to it."""
    titles = Counter(card.title for card in cards)
    return tuple(
        card
        if titles[card.title] == 1
        else card.model_copy(update={"title": f"{card.title} ({card.name})"})
        for card in cards
    )


def model_folder(name: str, *, models_dir: Path | None = None) -> Path:
    """Returns the folder of one model.

    Raises:
        ModelError: there is no such model; the message names those that there are.
    """
    root = Path(models_dir or models_directory())
    if not isinstance(name, str):
        raise ModelError(
            f"A model is named by its name, as text. Received: a value of type "
            f"{type(name).__name__}. list_models() knows the names."
        )
    folder = root / name
    if not re.fullmatch(NAME_PATTERN, name) or not folder.is_dir():
        known = ", ".join(sorted(path.parent.name for path in root.glob(f"*/{CARD_FILE}")))
        raise ModelError(
            f"No usable model {name!r} in {root}; a name is lower-case letters, digits and _. "
            f"Saved models: {known or 'none'}"
        )
    return folder


def load_card(name: str, *, models_dir: Path | None = None) -> ModelCard:
    """Reads and checks the card of one model.

    Raises:
        ModelError: there is no such model, or its card is not valid.
    """
    path = model_folder(name, models_dir=models_dir) / CARD_FILE
    card = read_card(path)
    if card.name != name:
        raise ModelError(
            f"The model card {path} is not valid:\n"
            f"  name: expected {name!r}, the folder's name. Received: {card.name!r}"
        )
    return card


def verified_weights(name: str, *, models_dir: Path | None = None) -> Path:
    """Returns the path of `model.keras`, of which not one byte differs from what the card says.

    Raises:
        ModelError: the card is not valid, the model is an ensemble, which has no file of its own,
            or the file is missing or has another checksum.
    """
    card = load_card(name, models_dir=models_dir)
    if card.members:
        raise ModelError(
            f"{name!r} is an ensemble of {', '.join(card.members)} and has no weights of its own."
        )
    path = model_folder(name, models_dir=models_dir) / WEIGHTS_FILE
    _check_size(path, card)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    if checksum != card.weights.sha256:
        raise ModelError(
            f"{path} is not the file its card describes and is not loaded. Get it again. "
            f"Expected SHA-256 {card.weights.sha256}. Received: {checksum}"
        )
    return path


def verified_members(name: str, *, models_dir: Path | None = None) -> dict[str, ModelCard]:
    """Returns the cards of an ensemble's members, whose files are those it was measured with.

    A single model has no members, and the result is empty.

    Raises:
        ModelError: a card is not valid, or a member is missing or has changed.
    """
    card = load_card(name, models_dir=models_dir)
    return _check_members(card, models_dir or models_directory())


def _check_members(card: ModelCard, root: Path) -> dict[str, ModelCard]:
    members = {name: load_card(name, models_dir=root) for name in card.members}
    for name, member in members.items():
        if member.weights.sha256 != card.members[name].sha256:
            raise ModelError(
                f"The ensemble {card.name!r} was measured with another {name!r} than the one in "
                f"{root}. Make it again with python -m training.ensemble --overwrite --final."
            )
        if (member.labels, member.preprocessing) != (card.labels, card.preprocessing):
            raise ModelError(
                f"The member {name!r} of {card.name!r} must have its labels and preprocessing."
            )
    return members


def _check_size(path: Path, card: ModelCard) -> None:
    if not path.is_file():
        raise ModelError(f"The weights of model {card.name!r} are missing: no file {path}")
    if (size := path.stat().st_size) != card.weights.size_bytes:
        raise ModelError(
            f"{path} is not the file its card describes and is not loaded. Get it again. "
            f"Expected {card.weights.size_bytes} bytes. Received: {size} bytes"
        )
