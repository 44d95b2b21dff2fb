"""Reads the card of a model folder, `models/<name>/card.json`, and validates it.

Unknown fields, missing fields and wrong types are rejected with a message that names the file, the
field, the expected and the received value.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from fer_core.errors import ModelError
from fer_core.evaluation import list_defects
from fer_core.zoo.cards.imported_card import ImportedCard
from fer_core.zoo.cards.model_card import ModelCard

CARD_FILE: Final = "card.json"

RunnableCard = ModelCard | ImportedCard
"""The card of any model that can be run, with scores or without."""

FORMER_FIELDS: Final = {
    "after_without_training_twins": "after_without_training_duplicates",
    "data_licence": "data_license",
    "smoothing": "label_smoothing",
    "without_training_twins": "without_training_duplicates",
}
"""Current names of fields, by their names in older cards."""


def read_card(path: Path) -> RunnableCard:
    """Reads and checks one card.

    Raises:
        ModelError: the file cannot be read or is not a valid card; the message lists all errors.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"The model card {path} cannot be read: {error}") from error
    try:
        return _parsed(text)
    except ValidationError as error:
        defects = list_defects(error, "the whole card")
        raise ModelError(f"The model card {path} is not valid:\n{defects}") from error


@lru_cache(maxsize=64)
def _parsed(text: str) -> RunnableCard:
    """Cached, since pages read all cards on every run and validation takes 2 ms each."""
    if any(f'"{former}"' in text for former in FORMER_FIELDS):
        text = _with_present_names(text)
    if _is_imported(text):
        return ImportedCard.model_validate_json(text)
    return ModelCard.model_validate_json(text)


def _is_imported(text: str) -> bool:
    try:
        fields = json.loads(text)
    except ValueError:  # not JSON, which validation reports
        return False
    return isinstance(fields, dict) and "source" in fields


def _with_present_names(text: str) -> str:
    def renamed(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        return {FORMER_FIELDS.get(name, name): value for name, value in fields}

    try:
        return json.dumps(json.loads(text, object_pairs_hook=renamed))
    except ValueError:  # not JSON, which validation reports
        return text
