r"""Names of files as text: for tables, for terminals, for spreadsheets.

A file's name may hold anything but a slash and a zero byte: bytes that are no text, newlines, and
sequences that a terminal obeys. It must reach a table as it is, and a terminal only as letters.

>>> shown("a\x1b[31m\nb.jpg")
'a\\x1b[31m\\nb.jpg'
"""

from __future__ import annotations

import unicodedata
from typing import Final

_OBEYED: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's categories of what controls a terminal, hides, or changes the direction of writing."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Persian words and families of emoji are written with them."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def readable_name(name: str) -> str:
    r"""Returns a name that can be written as UTF-8: the same, or with `\xNN` for each foreign byte.

    Python holds bytes of a name that are no text as lone surrogates, which no file can be written
    with.
    """
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte, as Windows allows
        raw = name.encode("utf-8", "surrogatepass")
    return raw.decode("utf-8", "backslashreplace")


def shown(text: object, *, keep_lines: bool = False) -> str:
    r"""Returns text for a terminal, where whatever it would obey is written out, such as `\x1b`.

    Args:
        text: a name, or a sentence with names in it.
        keep_lines: whether newlines stay, for text of several lines.
    """
    return "".join(
        _written_out(letter)
        if _is_obeyed(letter) and not (keep_lines and letter == "\n")
        else letter
        for letter in readable_name(str(text))
    )


def spreadsheet_safe(path: str) -> str:
    """Returns a path that no spreadsheet takes for a formula: `./=1+1.jpg` for `=1+1.jpg`.

    It names the same file, unlike one with a quotation mark in front.
    """
    return f"./{path}" if path.startswith(_FORMULA_STARTS) else path


def _is_obeyed(letter: str) -> bool:
    return unicodedata.category(letter) in _OBEYED and letter not in _JOINERS


def _written_out(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
