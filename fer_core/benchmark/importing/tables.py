"""Tables from elsewhere, read in memory: CSV, Parquet or NPZ.

The first bytes decide which it is, not the name. Nothing is unpickled.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import PredictionsRejected
from fer_core.files import read_npz, shown

MAX_BYTES: Final = 100 * 1024 * 1024
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 200
MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
"""Of a compressed table, in memory."""

_LONGEST_CELL: Final = 4096
"""Characters; as many as a path may have."""

_LONGEST_LINE: Final = MAX_COLUMNS * _LONGEST_CELL

_PARQUET: Final = b"PAR1"
_ZIP: Final = b"PK\x03\x04"
_KNOWN_STARTS: Final = {
    b"\x93NUMPY": "one array without ids. Save it with numpy.savez, see docs/evaluate.md",
    b"\x80": "a pickle, which may run any code, and is never opened",
    b"\x1f\x8b": "compressed with gzip. Unpack it",
    b"\x89HDF": "HDF5. Save it as CSV, Parquet or NPZ",
    b"\xff\xfe": "text in UTF-16. Save it as UTF-8",
    b"\xfe\xff": "text in UTF-16. Save it as UTF-8",
}

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
                f"Received: {_short(str(received))}{and_others(len(bad), 'row')}"
            )
        return values


def read_table(file: TableFile) -> Table:
    """Reads a table in memory.

    Raises:
        PredictionsRejected: it is empty, too large, damaged, or of another type.
    """
    data, name = file.data, shown(file.name)
    if not data.strip():
        raise PredictionsRejected(f"{name} is empty.")
    if len(data) > MAX_BYTES:
        raise PredictionsRejected(
            f"{name} is too large. Expected at most {MAX_BYTES // 2**20} MB. "
            f"Received: {len(data) / 2**20:.0f} MB"
        )
    for start, kind in _KNOWN_STARTS.items():
        if data.startswith(start):
            raise PredictionsRejected(f"{name} is {kind}.")
    if data.startswith(_PARQUET):
        columns, lines = _read_parquet(name, data), None
    elif data.startswith(_ZIP):
        columns, lines = _read_npz(name, data), None
    else:
        columns, lines = _read_csv(name, data)
    rows = len(next(iter(columns.values()), ()))
    if not rows:
        raise PredictionsRejected(f"{name} has no rows.")
    for column, values in columns.items():
        if isinstance(values, tuple) and max(map(len, values)) > _LONGEST_CELL:
            row = next(row for row in range(rows) if len(values[row]) > _LONGEST_CELL)
            table = Table(name, rows, columns, lines)
            raise PredictionsRejected(
                f"{table.place(row)}: {shown(column)} is longer than {_LONGEST_CELL} characters."
            )
    return Table(file.name, rows, columns, lines)


def and_others(count: int, what: str) -> str:
    """Returns how many others of `count` there are: `" (and 2 other rows)"`; "" for one."""
    return "" if count < 2 else f" (and {count - 1:,} other {what}{'s' if count > 2 else ''})"


def _read_csv(name: str, data: bytes) -> tuple[dict[str, Column], tuple[int, ...]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PredictionsRejected(
            f"{name}, line {line}: expected a CSV file in UTF-8, Parquet or NPZ. "
            f"Received: byte {data[error.start]:#04x}, which is not UTF-8"
        ) from error
    reader = csv.reader(_short_lines(name, text), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] | None = None
    try:
        for row in reader:
            if not any(row):
                continue
            if header is None:
                header = [each.strip() for each in row]
                _check_header(name, header)
                continue
            if len(row) != len(header):
                raise PredictionsRejected(
                    f"{name}, line {reader.line_num}: expected {len(header)} values, as in the "
                    f"header. Received: {len(row)}"
                )
            if len(rows) == MAX_ROWS:
                raise PredictionsRejected(f"{name} has more than {MAX_ROWS:,} rows.")
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise PredictionsRejected(
            f"{name}, line {reader.line_num}: this is not valid CSV: {error}."
        ) from error
    columns: dict[str, Column] = dict(zip(header or (), zip(*rows, strict=True), strict=False))
    return columns, tuple(lines)


def _short_lines(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _LONGEST_LINE:
            raise PredictionsRejected(
                f"{name}, line {number}: the line is longer than {_LONGEST_LINE:,} characters."
            )
        yield line


def _check_header(name: str, header: list[str]) -> None:
    if len(header) == 1 and (other := next((each for each in ";\t|" if each in header[0]), "")):
        raise PredictionsRejected(
            f"{name}, line 1: expected columns separated by commas. "
            f"Received: {'a tab' if other == chr(9) else other}"
        )
    if len(header) > MAX_COLUMNS:
        raise PredictionsRejected(f"{name} has more than {MAX_COLUMNS} columns.")
    twice = next((each for each in header if header.count(each) > 1), None)
    if twice is not None:
        raise PredictionsRejected(f"{name}, line 1: the column {_short(twice)} occurs twice.")


def _read_parquet(name: str, data: bytes) -> dict[str, Column]:
    import pyarrow as pa
    from pyarrow import types
    from pyarrow.parquet import ParquetFile

    try:
        source = pa.BufferReader(data)
        schema = ParquetFile(source).schema_arrow
        _check_header(name, schema.names)
        texts = [
            field.name
            for field in schema
            if types.is_string(field.type)
            or types.is_large_string(field.type)
            or types.is_dictionary(field.type)
        ]
        # Texts stay in their dictionary, so that repeated ones take no more than the file.
        with ParquetFile(source, read_dictionary=texts) as file:
            metadata = file.metadata
            groups = [metadata.row_group(each) for each in range(metadata.num_row_groups)]
            _check_size(name, metadata.num_rows, sum(each.total_byte_size for each in groups))
            numbers = [
                field.name
                for field in schema
                if types.is_integer(field.type)
                or types.is_floating(field.type)
                or types.is_boolean(field.type)
            ]
            table = file.read([each for each in schema.names if each in {*texts, *numbers}])
            table.validate(full=True)  # Arrow itself trusts indices and lengths in the file
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = _first_line(error)
        raise PredictionsRejected(f"{name} cannot be read as Parquet: {reason}.") from error
    return {each: _from_arrow(name, each, table[each]) for each in table.column_names}


def _from_arrow(name: str, column: str, values: Any) -> Column:
    from pyarrow import types

    if types.is_floating(values.type):
        return np.array(values.to_numpy(), np.float64)  # nulls are NaN
    if not types.is_dictionary(values.type):
        return tuple("" if each is None else str(each) for each in values.to_pylist())
    texts: list[str] = []
    for chunk in values.chunks:
        known = ["" if each is None else str(each) for each in chunk.dictionary.to_pylist()]
        if max(map(len, known), default=0) > _LONGEST_CELL:
            raise PredictionsRejected(
                f"{name}: {shown(column)} has a value longer than {_LONGEST_CELL} characters."
            )
        texts += ["" if each is None else known[each] for each in chunk.indices.to_pylist()]
    return tuple(texts)


def _read_npz(name: str, data: bytes) -> dict[str, Column]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
        if not all(member.filename.endswith(".npy") for member in members):
            raise ValueError("it is a ZIP file of something else; an Excel sheet is saved as CSV")
        _check_size(name, 0, sum(member.file_size for member in members))
        if len(members) > MAX_COLUMNS:
            raise ValueError(f"it has more than {MAX_COLUMNS} arrays")
        arrays = read_npz(io.BytesIO(data))
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError, MemoryError) as error:
        reason = "it holds pickled objects" if "allow_pickle" in str(error) else _first_line(error)
        raise PredictionsRejected(f"{name} cannot be read as NPZ: {reason}.") from error
    return _named_columns(name, arrays)


def _named_columns(name: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Column]:
    """Turns `probabilities` `(n, k)` with `labels` `(k,)` into k columns."""
    probabilities = arrays.pop("probabilities", None)
    if probabilities is not None:
        labels = arrays.pop("labels", None)
        if labels is None or probabilities.ndim != 2 or labels.shape != probabilities.shape[1:]:
            raise PredictionsRejected(
                f"{name}: expected probabilities of shape (n, k), and labels with the names of "
                f"the k classes. Received: probabilities of shape {probabilities.shape}, "
                f"{'no labels' if labels is None else f'labels of shape {labels.shape}'}"
            )
        names = [f"p_{each}" for each in _texts_of(labels)]
        arrays |= dict(zip(names, probabilities.T, strict=True))
        _check_header(name, list(arrays))
    rows = {key: len(values) if values.ndim == 1 else -1 for key, values in arrays.items()}
    if len(set(rows.values())) > 1 or -1 in rows.values():
        shapes = ", ".join(f"{shown(key)} {values.shape}" for key, values in arrays.items())
        raise PredictionsRejected(
            f"{name}: expected arrays of one shape (n,), one per column. Received: {shapes[:200]}"
        )
    _check_size(name, max(rows.values(), default=0), 0)
    return {
        key: values.astype(np.float64) if values.dtype.kind == "f" else _texts_of(values)
        for key, values in arrays.items()
    }


def _texts_of(values: NDArray[Any]) -> tuple[str, ...]:
    if values.dtype.kind == "S":
        return tuple(each.decode("utf-8", "backslashreplace") for each in values.tolist())
    return tuple(map(str, values.tolist()))


def _check_size(name: str, rows: int, size: int) -> None:
    if rows > MAX_ROWS:
        raise PredictionsRejected(f"{name} has more than {MAX_ROWS:,} rows.")
    if size > MAX_UNPACKED_BYTES:
        raise PredictionsRejected(
            f"{name} is too large. Expected at most {MAX_UNPACKED_BYTES // 2**20} MB when "
            f"unpacked. Received: {size / 2**20:,.0f} MB"
        )


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


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or ["it is damaged"])[0][:200].rstrip(".")
