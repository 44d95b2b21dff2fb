"""The test faces of FER2013 by row, for people who have the dataset.

The project may not pass its pictures on. A user's own `fer2013.csv` or `icml_face_data.csv`, plain
or in an archive, is looked for in the folder that `FER_DATA_DIR` names, else in `data/`, there or
in the sub-folder `fer2013/`. Which row a face is, its pixels tell
(`fer_core.fer2013.published_rows`), so the file may be in any order. What was read is kept in the
user's cache folder.
"""

from __future__ import annotations

import hashlib
import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.fer2013.csv_file import ARCHIVE_ERRORS, find_fer2013_file, open_csv
from fer_core.fer2013.published_rows import load_published_rows
from fer_core.files import replacing
from fer_core.paths import cache_folder, data_directory

logger = logging.getLogger(__name__)

HELD_OUT: Final = ("PublicTest", "PrivateTest")
IMAGE_SIZE: Final = 48

_FORMAT: Final = 2
"""Raise it when the reader gives another result for the same file."""
_COLUMNS: Final = ("emotion", "pixels", "usage")
_ROWS_AT_ONCE: Final = 2000
_SPLITS_OF_FER2013: Final = ("fer2013_", "ferplus_")
"""Splits whose row ids are rows of fer2013.csv begin like this."""


@dataclass(frozen=True, eq=False)
class DatasetFaces:
    """The faces on which models are tested.

    Attributes:
        row_id: `(n,)` int64, ascending: 0-based rows of fer2013.csv.
        label: `(n,)` int64, indices into `emotions.FER2013`.
        images: `(n, 48, 48)` uint8, gray.
        notes: sentences that a person who sees the faces should read.
    """

    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    images: NDArray[np.uint8]
    notes: tuple[str, ...] = ()

    def take(self, row_id: NDArray[np.int64]) -> DatasetFaces:
        """Returns some rows, in the order asked for.

        Raises:
            DatasetError: a row is no test face.
        """
        at = np.minimum(np.searchsorted(self.row_id, row_id), len(self.row_id) - 1)
        unknown = row_id[self.row_id[at] != row_id]
        if len(unknown):
            raise DatasetError(
                f"Expected rows of {' and '.join(HELD_OUT)} in the published fer2013.csv. "
                f"Received: row {unknown[0]}"
            )
        return DatasetFaces(self.row_id[at], self.label[at], self.images[at], self.notes)


def has_faces(split: str) -> bool:
    """Returns whether the rows of a split are rows of fer2013.csv."""
    return split.startswith(_SPLITS_OF_FER2013)


def find_dataset() -> Path | None:
    """Returns the user's FER2013 file, or None when there is none."""
    root = data_directory()
    return find_fer2013_file(root) or find_fer2013_file(root / "fer2013")


def load_dataset_faces(source: Path) -> DatasetFaces:
    """Reads the test faces: the first time from the file, which takes seconds, then from the cache.

    Args:
        source: a CSV file with the columns emotion, pixels and Usage, perhaps compressed or in an
            archive, its rows in any order.

    Raises:
        DatasetError: the file cannot be read, or does not hold the test faces of FER2013 as
            published, which are those that the models answered.
    """
    try:
        kept = cache_folder("faces") / f"{_version(source)}.npz"
    except OSError as error:
        logger.warning("There is no cache of faces: %s", error)
        return _read(source)
    faces = _kept(kept)
    if faces is None:
        faces = _read(source)
        try:
            _keep(faces, kept)
        except OSError as error:
            logger.warning("The cache of faces cannot be written: %s", error)
    return faces


def _version(source: Path) -> str:
    status = source.stat()
    text = f"{_FORMAT} {source.resolve()} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _kept(file: Path) -> DatasetFaces | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return DatasetFaces(
                arrays["row_id"],
                arrays["label"],
                arrays["images"],
                tuple(arrays["notes"].tolist()),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("The cached faces %s are damaged and will be made anew: %s", file, error)
        return None


def _read(source: Path) -> DatasetFaces:
    import pandas as pd

    images, labels = [], []
    options: dict[str, Any] = {"chunksize": _ROWS_AT_ONCE, "index_col": False}
    try:
        with open_csv(source) as stream, pd.read_csv(stream, **options) as chunks:
            for chunk in chunks:
                chunk.columns = [str(name).strip().lower() for name in chunk.columns]
                chunk["usage"] = chunk["usage"].map(_usage)
                held_out = chunk[chunk["usage"].isin(HELD_OUT)]
                labels.append(held_out[["usage", "emotion"]])
                images += [_parse(str(text)) for text in held_out["pixels"]]
        table = pd.concat(labels)
        label = table["emotion"].to_numpy(np.int64)
    except KeyError as error:
        raise DatasetError(
            f"{source}: expected the columns {', '.join(_COLUMNS)}. Missing: {error}"
        ) from error
    except (OSError, ValueError, OverflowError, *ARCHIVE_ERRORS) as error:
        raise DatasetError(f"{source}: expected a whole CSV file. Received: {error}") from error
    if not images:
        raise DatasetError(f"{source}: expected rows of {' and '.join(HELD_OUT)}. Received: none.")
    usage = table["usage"].to_numpy().astype(np.str_)
    return _by_row(label, usage, np.stack(images), source)


def _usage(text: object) -> str:
    """Spelled as published, where it is a split with test faces."""
    given = str(text).strip()
    return next((usage for usage in HELD_OUT if usage.lower() == given.lower()), given)


def _parse(text: str) -> NDArray[np.uint8]:
    return np.array(text.split(), np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE)


def _by_row(
    label: NDArray[np.int64], usage: NDArray[np.str_], images: NDArray[np.uint8], source: Path
) -> DatasetFaces:
    """Finds which row of the published file each face is, and puts them into that order."""
    published = load_published_rows().of(HELD_OUT)
    match = published.match(images, label, usage)
    if not match.is_complete or match.relabeled:
        other_labels = f", {match.relabeled:,} of them with another label or split"
        raise DatasetError(
            f"{source}: expected the {len(published):,} test faces of FER2013 as published, in any "
            f"order; others are not those that the models answered. Received: {len(images):,} test "
            f"faces, {match.found:,} of which have the pixels of a published one"
            f"{other_labels if match.relabeled else ''}. Take the file as it was downloaded."
        )
    notes = []
    if match.by_class_only:
        notes.append(
            "The file has its rows in another order than published; they were found by their "
            f"pixels. Of {match.by_class_only} faces, which FER+ calls no faces, only split and "
            "class are known: they may stand at each other's rows."
        )
    order = np.argsort(match.row_id)
    return DatasetFaces(match.row_id[order], label[order], images[order], tuple(notes))


def _keep(faces: DatasetFaces, file: Path) -> None:
    with replacing(file) as stream:
        np.savez(
            stream,
            row_id=faces.row_id,
            label=faces.label,
            images=faces.images,
            notes=np.array(faces.notes, dtype=np.str_),
        )
