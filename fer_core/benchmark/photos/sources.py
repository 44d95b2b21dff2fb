"""Sources of labeled photos: a folder per class, a table of files, or a ZIP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.importing import Column, Table, TableFile, read_table, slicing_column
from fer_core.benchmark.photos.labeled_photos import LabeledPhotos, ReadFile, ReadPhoto
from fer_core.benchmark.photos.zip_photos import MAX_TOTAL_BYTES, open_zip
from fer_core.errors import InputRejected
from fer_core.files import Listing, Skipped, list_folder, readable_name, shown

FILE_COLUMNS: Final = ("file", "path", "filename", "image", "photo", "id")
LABEL_COLUMNS: Final = ("label", "emotion", "expression", "class")
BOX_COLUMNS: Final = ("x1", "y1", "x2", "y2")
_TABLES: Final = (".csv", ".parquet")
_NO_CLASS: Final = "not in a folder of a class"
_NO_LABEL: Final = "without a label"
_EXAMPLES: Final = 3


def open_photos(
    source: Path, *, metadata: Path | None = None, group: str | None = None
) -> LabeledPhotos:
    """Opens labeled photos: a folder with a subfolder per class, a CSV or Parquet table, or a ZIP.

    A table has a column with the path of the photo relative to the table (`FILE_COLUMNS`), a label
    (`LABEL_COLUMNS`), perhaps the box of the face (`BOX_COLUMNS`), and further columns to slice by.

    Args:
        source: a folder, a `.csv` or `.parquet` file, or a ZIP file of a folder per class.
        metadata: a table that adds columns to the photos of a folder or ZIP, by path or, where
            only one photo has it, by file name.
        group: the column that names the person in each photo.

    Raises:
        InputRejected: the source does not exist, has no labeled photo, or lacks the column; a
            folder in it cannot be read; or the metadata name a photo twice, or several photos at
            once.
        PredictionsRejected: a table cannot be read.
    """
    if not source.exists():
        raise InputRejected(
            "The labeled photos do not exist. Expected a folder, a ZIP, or a CSV or Parquet "
            f"table. Received: {shown(source)}",
            reason="unreadable",
        )
    if source.is_file() and source.suffix.lower() in _TABLES:
        photos = _of_table(source)
    elif source.is_file():
        photos = photos_of_zip(source.name, _in_memory(source))
    else:
        photos = _of_folder(source)
    if metadata is not None:
        photos = _with_metadata(photos, TableFile(metadata.name, metadata.read_bytes()))
    return photos if group is None else grouped_by(photos, group)


def photos_of_zip(name: str, data: bytes) -> LabeledPhotos:
    """Opens a ZIP with a folder per class, in memory.

    Args:
        name: of the file.
        data: its bytes.

    Raises:
        InputRejected: it is no ZIP, breaks a limit, or has no labeled photo; see `open_zip`.
    """
    listing, read = open_zip(name, data)
    return _by_class(PurePosixPath(name).stem, listing, read)


def grouped_by(photos: LabeledPhotos, column: str) -> LabeledPhotos:
    """Returns the photos with a column as the person in each photo; photos without one stay apart.

    Raises:
        InputRejected: there is no such column.
    """
    if column not in photos.columns:
        raise InputRejected(
            f"There is no column {shown(column)}. Expected one of "
            f"{shown(', '.join(photos.columns)) or 'those of --metadata'}.",
            reason="unsupported_type",
        )
    names = [str(value) for value in photos.columns[column].tolist()]
    people = tuple(
        f"{row}: unknown" if name in ("", "nan") else name for row, name in enumerate(names)
    )
    columns = {name: values for name, values in photos.columns.items() if name != column}
    return replace(photos, people=people, columns=columns)


def _of_folder(source: Path) -> LabeledPhotos:
    listing = list_folder(source)
    _check_open(source, listing)
    # The name of a file may be no valid text, but that of a photo is saved and shown.
    ids = _numbered([readable_name(file) for file in listing.names])
    file_of = dict(zip(ids, listing.names, strict=True))
    name = readable_name(source.resolve().name)
    found = _by_class(name, replace(listing, names=ids), _ReadListed(source, file_of))
    return replace(found, folder=source, files=tuple(file_of[each] for each in found.ids))


def _check_open(source: Path, listing: Listing) -> None:
    """A folder that cannot be read is listed like a photo, but may hold a whole class."""
    for path in (source / name for name in listing.names):
        try:
            if path.is_dir():
                next(path.iterdir(), None)
        except OSError as error:
            raise InputRejected(
                f"{shown(path)} cannot be read: {error.strerror}.", reason="unreadable"
            ) from error


def _by_class(name: str, listing: Listing, read: ReadPhoto) -> LabeledPhotos:
    """The class of a photo is the folder that it lies in."""
    ids, classes, apart = [], [], []
    for each in listing.names:
        parent = PurePosixPath(each).parent.name
        if parent:
            ids.append(each)
            classes.append(parent)
        else:
            apart.append(each)
    if not ids:
        raise InputRejected(
            f"{shown(name)} has no labeled photos. Expected a folder per class, such as happy/ and "
            f"sad/, with photos in it. Found: {len(apart)} photos outside of folders",
            reason="empty",
        )
    skipped = listing.skipped
    if apart:
        skipped = (*skipped, _skipped(_NO_CLASS, apart))
    return LabeledPhotos(name, tuple(ids), tuple(classes), read, skipped=skipped)


def _of_table(path: Path) -> LabeledPhotos:
    table = read_table(TableFile(path.name, path.read_bytes()))
    file_column = _found(table, FILE_COLUMNS)
    label_column = _found(table, LABEL_COLUMNS)
    labels = [label.strip() for label in table.texts(label_column)]
    rows = np.flatnonzero(labels)
    if not len(rows):
        raise InputRejected(f"{shown(table.file)} has no labels.", reason="empty")
    every = table.texts(file_column)
    files = [every[row] for row in rows]
    unlabeled = [name for name, label in zip(every, labels, strict=True) if not label]
    ids = _numbered(files)
    taken, boxes = {file_column, label_column}, None
    if all(name in table.columns for name in BOX_COLUMNS):
        taken |= {*BOX_COLUMNS}
        boxes = np.stack([_numbers(table.columns[name])[rows] for name in BOX_COLUMNS], axis=1)
    return LabeledPhotos(
        name=path.stem,
        ids=ids,
        class_names=tuple(labels[row] for row in rows),
        read=_ReadListed(path.parent, dict(zip(ids, files, strict=True))),
        columns={name: values[rows] for name, values in _slicing(table, taken).items()},
        boxes=boxes,
        folder=path.parent,
        files=tuple(files),
        skipped=(_skipped(_NO_LABEL, unlabeled),) if unlabeled else (),
    )


def _skipped(reason: str, names: Sequence[str]) -> Skipped:
    return Skipped(reason, len(names), tuple(map(readable_name, names[:_EXAMPLES])))


def _in_memory(file: Path) -> bytes:
    """The bytes of a ZIP; its photos may not be larger together than when unpacked."""
    if file.stat().st_size > MAX_TOTAL_BYTES:
        raise InputRejected(
            f"{shown(file)} is too large. Expected at most {MAX_TOTAL_BYTES // 1024**3} GB. Unpack "
            "it, and give the folder.",
            reason="too_large",
        )
    return file.read_bytes()


@dataclass(frozen=True)
class _ReadListed:
    """Reads files that are called otherwise here."""

    folder: Path
    file_of: Mapping[str, str]

    def __call__(self, name: str) -> bytes:
        return ReadFile(self.folder)(self.file_of[name])


def _with_metadata(photos: LabeledPhotos, file: TableFile) -> LabeledPhotos:
    table = read_table(file)
    file_column = _found(table, FILE_COLUMNS)
    rows = _rows_by_photo(photos, table, table.texts(file_column))
    is_known = rows >= 0
    columns = {}
    for name, values in _slicing(table, {file_column}).items():
        unknown: float | str = np.nan if values.dtype.kind == "f" else ""
        columns[name] = np.where(is_known, values[rows], unknown)
    return replace(photos, columns={**photos.columns, **columns})


def _rows_by_photo(photos: LabeledPhotos, table: Table, names: Sequence[str]) -> NDArray[np.int64]:
    """`(n,)` the row of each photo in a table, by its path or file name; -1 if it has none."""
    rows_named = {name: row for row, name in enumerate(names)}
    if len(rows_named) < len(names):
        row = next(row for row, name in enumerate(names) if rows_named[name] != row)
        raise InputRejected(
            f"{table.place(rows_named[names[row]])}: {shown(names[row])} occurs twice.",
            reason="unsupported_type",
        )
    rows = np.full(len(photos), -1, np.int64)
    first_of: dict[str, str] = {}
    for index, name in enumerate(photos.ids):
        short = PurePosixPath(name).name
        if name in rows_named:
            rows[index] = rows_named[name]
        elif short in first_of and short in rows_named:
            raise InputRejected(
                f"{table.place(rows_named[short])}: {shown(short)} is the name of several photos, "
                f"{shown(first_of[short])} and {shown(name)}. Give their paths.",
                reason="unsupported_type",
            )
        elif short in rows_named:
            first_of[short] = name
            rows[index] = rows_named[short]
    if not (rows >= 0).any():
        raise InputRejected(
            f"{shown(table.file)} names no photo of {shown(photos.name)}. Expected names such as "
            f"{shown(photos.ids[0])}. Received: {shown(names[0])}",
            reason="unsupported_type",
        )
    return rows


def _slicing(table: Table, taken: Collection[str]) -> dict[str, NDArray[Any]]:
    return {
        name: slicing_column(values) for name, values in table.columns.items() if name not in taken
    }


def _found(table: Table, names: Sequence[str]) -> str:
    found = {column.strip().lower(): column for column in table.columns}
    for name in names:
        if name in found:
            return found[name]
    raise InputRejected(
        f"{shown(table.file)}: expected a column {' or '.join(names)}. "
        f"Received: {shown(', '.join(table.columns))}",
        reason="unsupported_type",
    )


def _numbers(values: Column) -> NDArray[np.float64]:
    """A column as numbers, NaN where it has none."""
    column = slicing_column(values)
    if column.dtype.kind == "f":
        return np.asarray(column, np.float64)
    return np.full(len(column), np.nan)


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Unique names: a photo that is listed again, for another face, gets a number."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(unique)
