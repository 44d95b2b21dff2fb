"""Reads Parquet and NPZ in memory. Nothing is unpickled."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.importing.table import (
    LONGEST_CELL,
    MAX_COLUMNS,
    Column,
    check_header,
    check_size,
)
from fer_core.errors import PredictionsRejected
from fer_core.files import read_npz, shown


def read_parquet(name: str, data: bytes) -> dict[str, Column]:
    """Returns the columns with numbers or texts; raises `PredictionsRejected`."""
    import pyarrow as pa
    from pyarrow import types
    from pyarrow.parquet import ParquetFile

    try:
        source = pa.BufferReader(data)
        schema = ParquetFile(source).schema_arrow
        check_header(name, schema.names)
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
            check_size(name, metadata.num_rows, sum(each.total_byte_size for each in groups))
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
        reason = _reason(error)
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
        if max(map(len, known), default=0) > LONGEST_CELL:
            raise PredictionsRejected(
                f"{name}: {shown(column)} has a value longer than {LONGEST_CELL} characters."
            )
        texts += ["" if each is None else known[each] for each in chunk.indices.to_pylist()]
    return tuple(texts)


def read_npz_table(name: str, data: bytes) -> dict[str, Column]:
    """Returns the arrays as columns; raises `PredictionsRejected`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
        if not all(member.filename.endswith(".npy") for member in members):
            raise ValueError("it is a ZIP file of something else; an Excel sheet is saved as CSV")
        check_size(name, 0, sum(member.file_size for member in members))
        if len(members) > MAX_COLUMNS:
            raise ValueError(f"it has more than {MAX_COLUMNS} arrays")
        arrays = read_npz(io.BytesIO(data))
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError, MemoryError) as error:
        reason = "it holds pickled objects" if "allow_pickle" in str(error) else _reason(error)
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
        check_header(name, list(arrays))
    rows = {key: len(values) if values.ndim == 1 else -1 for key, values in arrays.items()}
    if len(set(rows.values())) > 1 or -1 in rows.values():
        shapes = ", ".join(f"{shown(key)} {values.shape}" for key, values in arrays.items())
        raise PredictionsRejected(
            f"{name}: expected arrays of one shape (n,), one per column. Received: {shapes[:200]}"
        )
    check_size(name, max(rows.values(), default=0), 0)
    return {
        key: values.astype(np.float64) if values.dtype.kind == "f" else _texts_of(values)
        for key, values in arrays.items()
    }


def _texts_of(values: NDArray[Any]) -> tuple[str, ...]:
    if values.dtype.kind == "S":
        return tuple(each.decode("utf-8", "backslashreplace") for each in values.tolist())
    return tuple(map(str, values.tolist()))


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or ["it is damaged"])[0][:200].rstrip(".")
