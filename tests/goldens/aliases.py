"""What was renamed since the goldens were made: former name -> canonical name.

Goldens and what the code gives now are both compared under canonical names. Whoever renames a
column, a field of a card, or a value in a link adds a line here, and the goldens hold before and
after. A golden that fails without such a line has found a change that nobody meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.goldens.code import FORMER_KEYS, FORMER_VALUES, split_title

SPLIT_KEYS: Final = ("calibration_split", "compare_split", "confusion_split", "data_hard_split")

COLUMNS: Final[Mapping[str, str]] = {
    "answer": "predicted",
    "answered": "covered",
    "MB on disk": "file size (MB)",
    "million MACs for one face": "MACs per face (millions)",
    "million weights": "parameters (millions)",
    "models_that_err": "models_in_error",
    "ms for one face here": "latency p50 (ms)",
    "only_first_right": "only_first_correct",
    "only_second_right": "only_second_correct",
}
"""Columns of tables, and keys of the JSON that commands write."""

FILES: Final[Mapping[str, str]] = {
    "compare_answers.csv": "compare_predictions.csv",
    "data_copies.csv": "data_duplicates.csv",
    "data_twin_scores.csv": "data_duplicate_scores.csv",
}
"""Names of files that pages offer."""

_SCORES: Final = (
    "metrics.*.plain",
    "metrics.*.flip",
    "metrics.*.crops",
    "seven_classes",
    *(f"ckplus.{part}.emotion" for part in ("by_sequence", "baselines")),
    *(f"ckplus.{part}.high_level" for part in ("by_sequence", "baselines")),
)
CARD_FIELDS: Final[Mapping[str, str]] = {
    "calibration.*.after_without_training_twins": "calibration.*.after_without_training_duplicates",
    "data_licence": "data_license",
    "members.*.smoothing": "members.*.label_smoothing",
    "smoothing": "label_smoothing",
    **{f"{at}.without_training_twins": f"{at}.without_training_duplicates" for at in _SCORES},
}
"""Fields of a card, each by its path, such as `protocol.dataset`."""

ARRAYS: Final[Mapping[str, str]] = {}
"""Names of arrays in `.npz` files of a model folder."""

LINK_KEYS: Final[Mapping[str, str]] = FORMER_KEYS
"""Names of values in a link, such as `confusion_split`."""

_FORMER_KEY: Final = {present: former for former, present in FORMER_KEYS.items()}
LINK_VALUES: Final[Mapping[tuple[str, str], str]] = {
    **{
        (_FORMER_KEY.get(key, key), former): present
        for key, names in FORMER_VALUES.items()
        for former, present in names.items()
    },
    **{
        (key, split): split_title(split)
        for key in SPLIT_KEYS
        for split in ("fer2013_public_test", "fer2013_private_test", "ckplus")
    },
}
"""Values in a link, by the former key and the former value."""


def canonical(value: Any, names: Mapping[str, str]) -> Any:
    """Returns JSON data with every key of every object by its canonical name, in the same order."""
    if isinstance(value, dict):
        return {names.get(key, key): canonical(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [canonical(each, names) for each in value]
    return value


def canonical_names(names: list[str], table: Mapping[str, str]) -> list[str]:
    """Returns names as the canonical ones, in the same order."""
    return [table.get(name, name) for name in names]


def canonical_link(link: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Returns what a link asks for by canonical keys and values."""
    return {
        LINK_KEYS.get(key, key): [LINK_VALUES.get((key, value), value) for value in values]
        for key, values in link.items()
    }
