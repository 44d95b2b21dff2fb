"""What was renamed since the goldens were made: former name -> canonical name.

Goldens and what the code gives now are both compared under canonical names. Whoever renames a
column, a field of a card, or a value in a link adds a line here, and the goldens hold before and
after. A golden that fails without such a line has found a change that nobody meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

COLUMNS: Final[Mapping[str, str]] = {}
"""Columns of tables, and keys of the JSON that commands write."""

FILES: Final[Mapping[str, str]] = {}
"""Names of files that pages offer."""

CARD_FIELDS: Final[Mapping[str, str]] = {}
"""Fields of a card, each by its path, such as `protocol.dataset`."""

ARRAYS: Final[Mapping[str, str]] = {}
"""Names of arrays in `.npz` files of a model folder."""

LINK_KEYS: Final[Mapping[str, str]] = {}
"""Names of values in a link, such as `confusion_split`."""

LINK_VALUES: Final[Mapping[tuple[str, str], str]] = {}
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
