"""A table from elsewhere, in memory: its columns, the place of each row, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import PredictionsRejected
from fer_core.files import shown

MAX_BYTES: Final = 100 * 1024 * 1024
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 200
MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
"""Of a compressed table, in memory."""

LONGEST_CELL: Final = 4096
"""Characters; as many as a path may have."""

Column = tuple[str, ...] | NDArray[np.float64]
"""Texts, or numbers with NaN where a value is missing."""


@dataclass(frozen=True)
class TableFile:
    """A file in memory.

    Attributes:
        name: for messages.
        data: its bytes.
    """

    name: str
    data: bytes


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a table, by name; each has n values.

    Attributes:
        file: name of the file, for messages.
        rows: n, at least 1.
        columns: in order.
        lines: `(n,)` the line of each row in a CSV file; None for other files.
    """

    file: str
    rows: int
    columns: Mapping[str, Column]
    lines: tuple[int, ...] | None = None

    def place(self, row: int) -> str:
        """Returns where a row is in the file: its line in a CSV file, else its number from 0."""
        return f"{shown(self.file)}, " + (f"line {self.lines[row]}" if self.lines else f"row {row}")

    def texts(self, name: str) -> list[str]:
        """Returns a column as texts; whole numbers are written without a point."""
        column = self.columns[name]
        if isinstance(column, tuple):
            return list(column)
        return [_number_text(value) for value in column.tolist()]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Returns a column as finite numbers.

        Raises:
            PredictionsRejected: a value is not a number; the message names the first.
        """
        column = self.columns[name]
        values = _parsed(column) if isinstance(column, tuple) else column
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            row = int(bad[0])
            received = column[row] if isinstance(column, tuple) else values[row]
            raise PredictionsRejected(
                f"{self.place(row)}: {shown(name)} must be a number. "
                f"Received: {short(str(received))}{and_others(len(bad), 'row')}"
            )
        return values


def slicing_column(values: Column) -> NDArray[Any]:
    """Returns a column as floats if every value that is there is a number, else as strings."""
    if not isinstance(values, tuple):
        return values
    try:
        return np.array([float(each) if each else np.nan for each in values])
    except ValueError:
        return np.array(values, np.str_)


def and_others(count: int, what: str) -> str:
    """Returns how many others of `count` there are: `" (and 2 other rows)"`; "" for one."""
    return "" if count < 2 else f" (and {count - 1:,} other {what}{'s' if count > 2 else ''})"


def check_header(name: str, header: list[str]) -> None:
    """Raises `PredictionsRejected` for too many columns, or one that occurs twice."""
    if len(header) > MAX_COLUMNS:
        raise PredictionsRejected(f"{name} has more than {MAX_COLUMNS} columns.")
    twice = next((each for each in header if header.count(each) > 1), None)
    if twice is not None:
        raise PredictionsRejected(f"{name}: the column {short(twice)} occurs twice.")


def check_size(name: str, rows: int, size: int) -> None:
    """Raises `PredictionsRejected` for too many rows, or bytes when unpacked."""
    if rows > MAX_ROWS:
        raise PredictionsRejected(f"{name} has more than {MAX_ROWS:,} rows.")
    if size > MAX_UNPACKED_BYTES:
        raise PredictionsRejected(
            f"{name} is too large. Expected at most {MAX_UNPACKED_BYTES // 2**20} MB when "
            f"unpacked. Received: {size / 2**20:,.0f} MB"
        )


def short(text: str) -> str:
    """Returns a text in quotation marks, shortened to 40 characters."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _parsed(column: tuple[str, ...]) -> NDArray[np.float64]:
    """Parses numbers; NaN for what is none."""
    try:
        return np.array(column, np.float64)
    except ValueError:
        return np.array([_number(text) for text in column], np.float64)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _number_text(value: float) -> str:
    if np.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)
