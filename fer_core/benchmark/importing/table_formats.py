"""Reads a table from elsewhere: CSV, Parquet or NPZ. The first bytes decide which it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from fer_core.benchmark.importing.binary_tables import read_npz_table, read_parquet
from fer_core.benchmark.importing.table import (
    LONGEST_CELL,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Column,
    Table,
    TableFile,
    check_header,
    short,
)
from fer_core.errors import PredictionsRejected
from fer_core.files import shown

_LONGEST_LINE: Final = MAX_COLUMNS * LONGEST_CELL
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
        columns, lines = read_parquet(name, data), None
    elif data.startswith(_ZIP):
        columns, lines = read_npz_table(name, data), None
    else:
        columns, lines = _read_csv(name, data)
    rows = len(next(iter(columns.values()), ()))
    if not rows:
        raise PredictionsRejected(f"{name} has no rows.")
    for column, values in columns.items():
        if isinstance(values, tuple) and max(map(len, values)) > LONGEST_CELL:
            row = next(row for row in range(rows) if len(values[row]) > LONGEST_CELL)
            table = Table(name, rows, columns, lines)
            raise PredictionsRejected(
                f"{table.place(row)}: {shown(column)} is longer than {LONGEST_CELL} characters."
            )
    return Table(file.name, rows, columns, lines)


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
                if len(header) == 1 and (other := set(";\t|") & set(header[0])):
                    raise PredictionsRejected(
                        f"{name}, line {reader.line_num}: expected columns separated by commas. "
                        f"Received: {short(other.pop())}"
                    )
                check_header(name, header)
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
