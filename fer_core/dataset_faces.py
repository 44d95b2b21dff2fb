"""The test faces of FER2013 by row, for people who have the dataset.

The project may not pass its pictures on. A user's own `fer2013.csv` or `icml_face_data.csv`, plain,
.gz or .zip, is looked for in the folder that `FER_DATA_DIR` names, else in `data/`, there or in
the sub-folder `fer2013/`. What was read is kept in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.cache import cache_folder
from fer_core.dataset_facts import FER2013_COUNTS
from fer_core.errors import DatasetError

logger = logging.getLogger(__name__)

HELD_OUT: Final = ("PublicTest", "PrivateTest")
IMAGE_SIZE: Final = 48

_FILE_NAMES: Final = tuple(
    stem + suffix
    for stem in ("fer2013", "icml_face_data")
    for suffix in (".csv", ".csv.gz", ".csv.zip", ".zip")
)
_ARCHIVE_ERRORS: Final = (zlib.error, zipfile.BadZipFile)
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
    """

    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    images: NDArray[np.uint8]

    def take(self, row_id: NDArray[np.int64]) -> DatasetFaces:
        """Returns some rows, in the order asked for.

        Raises:
            DatasetError: a row is no test face.
        """
        at = np.minimum(np.searchsorted(self.row_id, row_id), len(self.row_id) - 1)
        unknown = row_id[self.row_id[at] != row_id]
        if len(unknown):
            raise DatasetError(
                f"Expected rows of {' and '.join(HELD_OUT)} in fer2013.csv. "
                f"Received: row {unknown[0]}"
            )
        return DatasetFaces(self.row_id[at], self.label[at], self.images[at])


def has_faces(split: str) -> bool:
    """Returns whether the rows of a split are rows of fer2013.csv."""
    return split.startswith(_SPLITS_OF_FER2013)


def find_dataset() -> Path | None:
    """Returns the user's FER2013 file, or None when there is none."""
    named = os.environ.get("FER_DATA_DIR")
    root = Path(named) if named else Path(__file__).resolve().parent.parent / "data"
    folders = (root, root / "fer2013")
    candidates = (folder / name for folder in folders for name in _FILE_NAMES)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def load_dataset_faces(source: Path) -> DatasetFaces:
    """Reads the test faces: the first time from the file, which takes seconds, then from the cache.

    Args:
        source: a CSV file with the columns emotion, pixels and Usage, perhaps compressed.

    Raises:
        DatasetError: the file cannot be read, or is not FER2013 as published, so that its rows
            are not those that the models answered.
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
    text = f"{source.resolve()} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _kept(file: Path) -> DatasetFaces | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return DatasetFaces(arrays["row_id"], arrays["label"], arrays["images"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("The cached faces %s are damaged and will be made anew: %s", file, error)
        return None


def _read(source: Path) -> DatasetFaces:
    import pandas as pd

    row_ids, images, labels = [], [], []
    try:
        with pd.read_csv(source, chunksize=_ROWS_AT_ONCE) as chunks:
            for chunk in chunks:
                chunk.columns = [str(name).strip().lower() for name in chunk.columns]
                chunk["usage"] = chunk["usage"].map(str).str.strip()
                held_out = chunk[chunk["usage"].isin(HELD_OUT)]
                row_ids.append(held_out.index.to_numpy(np.int64))
                labels.append(held_out[["usage", "emotion"]])
                images += [_parse(str(text)) for text in held_out["pixels"]]
    except KeyError as error:
        raise DatasetError(
            f"{source}: expected the columns {', '.join(_COLUMNS)}. Missing: {error}"
        ) from error
    except (OSError, EOFError, ValueError, OverflowError, *_ARCHIVE_ERRORS) as error:
        raise DatasetError(f"{source}: expected a whole CSV file. Received: {error}") from error
    label, row_id = pd.concat(labels), np.concatenate(row_ids)
    _check_counts(label, source)
    _check_order(label["usage"].to_numpy(), row_id, source)
    return DatasetFaces(row_id, label["emotion"].to_numpy(np.int64), np.stack(images))


def _parse(text: str) -> NDArray[np.uint8]:
    return np.array(text.split(), np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE)


def _check_counts(labels: Any, source: Path) -> None:
    found = labels.groupby(["usage", "emotion"]).size()
    for usage in HELD_OUT:
        expected = dict(enumerate(FER2013_COUNTS[usage]))
        if usage not in found or found[usage].to_dict() != expected:
            raise DatasetError(
                f"{source}: expected FER2013 as published, with {sum(expected.values()):,} rows of "
                f"{usage}; rows of another file are not those that the models answered."
            )


def _check_order(usage: NDArray[Any], row_id: NDArray[np.int64], source: Path) -> None:
    """Faces are found by their row, and a table that was sorted or mixed has others there."""
    in_blocks = usage == np.sort(usage)[::-1]  # PublicTest stands before PrivateTest
    if not in_blocks.all() or (np.diff(row_id) != 1).any():
        raise DatasetError(
            f"{source}: expected FER2013 as published, where the rows of {HELD_OUT[0]} stand "
            f"together and those of {HELD_OUT[1]} follow. Received: another order; take the file "
            "as it was downloaded."
        )


def _keep(faces: DatasetFaces, file: Path) -> None:
    """Writes beside the final place and renames, so that nobody ever reads half a file."""
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            np.savez(stream, row_id=faces.row_id, label=faces.label, images=faces.images)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink()
        raise
