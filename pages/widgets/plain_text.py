"""Visitors' text, such as file names, where Streamlit expects Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 40
_NAMED: Final = 5
_OBEYED: Final = re.compile(r"([\\`*_{}\[\]()#+\-!:$<>|~&])")


def as_markdown(text: str) -> str:
    """Returns Markdown that shows a text literally."""
    return _OBEYED.sub(r"\\\1", " ".join(text.split()))


def short_name(name: str) -> str:
    """Returns a file name, shortened in the middle.

    >>> short_name("a very long name of a clip that somebody made.mp4")
    'a very long name of …at somebody made.mp4'
    """
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 :]}"


def list_names(names: Sequence[str]) -> str:
    """Returns the first names as Markdown, and the count of the others."""
    shown = ", ".join(as_markdown(short_name(name)) for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
