"""What the columns of a table are called on screen; files keep their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

_TITLES: Final = {
    "p_value": "p",
    "p_holm": "p (Holm)",
    "row_id": "Row",
    "track_id": "Track ID",
    "macro_f1": "Macro F1",
}
_PATTERNS: Final = (
    (r"^p_value_(.+)", r"p \1"),
    (r"^p_(.+)", r"P(\1)"),
    (r"^f1_(.+)", r"F1 \1"),
)
_NAMES: Final = ("model", "split", "detector", "corruption", "curve")
"""Columns of names that have a title."""

_UNITS: Final = (("_ms", " (ms)"), ("_mb", " (MB)"), ("_s", " (s)"), ("_deg", " (°)"))
_ACRONYMS: Final = re.compile(r"\b(auc|ece|f1|id|macs|mce|nll|roc|sha256)\b")


def column_titles(frame: pd.DataFrame, titles: Mapping[Any, str] | None = None) -> dict[str, str]:
    """Returns titles of a table's columns, as `column_config` takes them.

    Args:
        frame: the table.
        titles: of names that only the caller knows, such as those of models.
    """
    known = _TITLES | dict(titles or {})
    return {
        name: known.get(name) or _title(name) for name in frame.columns if isinstance(name, str)
    }


def with_titles(frame: pd.DataFrame, titles: Mapping[Any, str] | None) -> pd.DataFrame:
    """Returns the table with titles for the names of models, splits, corruptions and the like.

    Args:
        frame: the table.
        titles: by the names; others stay as they are.
    """
    if not titles:
        return frame
    shown = {
        name: frame[name].map(lambda value: titles.get(value, value))
        for name in _NAMES
        if name in frame
    }
    return frame.assign(**shown)


def _title(name: str) -> str:
    for pattern, title in _PATTERNS:
        if re.match(pattern, name):
            return re.sub(pattern, title, name)
    for suffix, unit in _UNITS:
        if name.endswith(suffix):
            name = name.removesuffix(suffix) + unit
    words = _ACRONYMS.sub(lambda found: found[0].upper(), name.replace("_", " "))
    return words[:1].upper() + words[1:]
