"""Writes rows to a file in chunks: Parquet, CSV, JSON, or JSON lines."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from fer_core.batch.shards import RESUME_ADVICE
from fer_core.errors import OutputError
from fer_core.files import shown, write_csv, writing
from fer_core.recognition import Row

_ROWS_AT_ONCE: Final = 10_000

Columns = Mapping[str, type]
"""Names in order, each with `str`, `int`, `float` or `bool`."""


def check_format(path: Path) -> None:
    """Checks that the suffix of a file is that of a supported format.

    Raises:
        OutputError: it is not.
    """
    if path.suffix.lower() not in _WRITERS:
        raise OutputError(
            f"The results can be written as {', '.join(_WRITERS)}. Received: {shown(path)}"
        )


def write_rows(path: Path, columns: Columns, rows: Iterable[Row]) -> None:
    """Writes a table atomically.

    Args:
        path: the suffix selects the format, see `check_format`.
        columns: of the table; every row has all of them.
        rows: read once, with only some thousand in memory at a time.

    Raises:
        OutputError: it cannot be written, e.g. because the disk is full.
    """
    with writing(path, RESUME_ADVICE) as file:
        _WRITERS[path.suffix.lower()](file, columns, rows)


def _write_parquet(file: IO[bytes], columns: Columns, rows: Iterable[Row]) -> None:
    import pyarrow as pa  # imported here because it is slow
    import pyarrow.parquet as pq

    types = {str: pa.string(), int: pa.int32(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    waiting = iter(rows)
    with pq.ParquetWriter(file, schema) as writer:
        while block := list(islice(waiting, _ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(block, schema))


def _write_csv(file: IO[bytes], columns: Columns, rows: Iterable[Row]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    write_csv(text, list(columns), rows)
    text.detach()


def _write_json_lines(file: IO[bytes], columns: Columns, rows: Iterable[Row]) -> None:
    file.writelines(json.dumps(row).encode() + b"\n" for row in rows)


def _write_json(file: IO[bytes], columns: Columns, rows: Iterable[Row]) -> None:
    separator = b"[\n"
    for row in rows:
        file.write(separator + json.dumps(row).encode())
        separator = b",\n"
    file.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


_WRITERS: Final[dict[str, Callable[[IO[bytes], Columns, Iterable[Row]], Any]]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_json_lines,
}
