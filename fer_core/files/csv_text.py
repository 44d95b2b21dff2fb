"""CSV that round-trips, whatever a cell contains."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from fer_core.files.names import spreadsheet_safe

_FILE: Final = "file"


class _Text(Protocol):
    def write(self, text: str, /) -> Any: ...


def write_csv(stream: _Text, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    r"""Writes a header and rows that end with `\n`.

    Args:
        stream: a text stream without newline translation.
        columns: names in order. Paths in `file` are written so that no spreadsheet interprets them
            as a formula, see `names.spreadsheet_safe`.
        rows: each with a value for every column; None is an empty cell.
    """
    table = csv.writer(_Lines(stream))
    table.writerow(columns)
    for row in rows:
        table.writerow(_cell(name, row[name]) for name in columns)


def _cell(column: str, value: object) -> object:
    return spreadsheet_safe(value) if column == _FILE and isinstance(value, str) else value


class _Lines:
    r"""Writes rows with `\n` at the end.

    The writer itself ends them with `\r\n`: before Python 3.13 it puts a cell with `\r` into
    quotation marks only if rows end with it too.
    """

    def __init__(self, stream: _Text) -> None:
        self._stream = stream

    def write(self, row: str, /) -> None:
        self._stream.write(row.removesuffix("\r\n") + "\n")
