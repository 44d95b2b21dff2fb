r"""File names as text: for tables, terminals and spreadsheets.

A file name may contain anything except a slash and a zero byte: invalid UTF-8, newlines, and
terminal escape sequences. Tables must contain it unchanged, terminals only escaped.

>>> shown("a\x1b[31m\nb.jpg")
'a\\x1b[31m\\nb.jpg'
"""

from __future__ import annotations

import unicodedata
from typing import Final

_OBEYED: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories of control, invisible, and direction-changing characters."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""They occur in Persian words and in emoji."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def readable_name(name: str) -> str:
    r"""Returns a name that is valid UTF-8: the same, or with `\xNN` for each invalid byte.

    Python represents invalid bytes of a name as lone surrogates, which cannot be encoded.
    """
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that represents no byte, as Windows allows
        raw = name.encode("utf-8", "surrogatepass")
    return raw.decode("utf-8", "backslashreplace")


def shown(text: object, *, keep_lines: bool = False) -> str:
    r"""Returns text for a terminal, with control characters escaped, such as `\x1b`.

    Args:
        text: a name, or a sentence containing names.
        keep_lines: whether to keep newlines, for multi-line text.
    """
    return "".join(
        _written_out(letter)
        if _is_obeyed(letter) and not (keep_lines and letter == "\n")
        else letter
        for letter in readable_name(str(text))
    )


def spreadsheet_safe(path: str) -> str:
    """Returns a path that no spreadsheet interprets as a formula: `./=1+1.jpg` for `=1+1.jpg`.

    It names the same file, unlike a path with a leading quotation mark.
    """
    return f"./{path}" if path.startswith(_FORMULA_STARTS) else path


def _is_obeyed(letter: str) -> bool:
    return unicodedata.category(letter) in _OBEYED and letter not in _JOINERS


def _written_out(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
