"""The test faces of FER2013 by row, for users who have the dataset.

The project may not distribute its images. The user's `fer2013.csv` or `icml_face_data.csv`, plain
or in an archive, is searched in the folder `$FER_DATA_DIR`, else in `data/`, and in its subfolder
`fer2013/`. Rows are identified by their pixels (`fer_core.fer2013.published_rows`), so the file may
be in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.fer2013.csv_file import find_fer2013_file
from fer_core.fer2013.published_rows import load_published_rows
from fer_core.fer2013.table import USAGES, load_table
from fer_core.paths import data_directory

HELD_OUT: Final = USAGES[1:]

_SPLITS_OF_FER2013: Final = ("fer2013_", "ferplus_")
"""Prefix of splits whose row IDs are rows of fer2013.csv."""


@dataclass(frozen=True, eq=False)
class DatasetFaces:
    """The faces of the test splits.

    Attributes:
        row_id: `(n,)` int64, ascending: 0-based rows of fer2013.csv.
        label: `(n,)` int64, indices into `emotions.FER2013`.
        images: `(n, 48, 48)` uint8, gray.
        notes: notices for users who see the faces.
    """

    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    images: NDArray[np.uint8]
    notes: tuple[str, ...] = ()

    def take(self, row_id: NDArray[np.int64]) -> DatasetFaces:
        """Returns some rows, in the requested order.

        Raises:
            DatasetError: a row is not a test face.
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
    """Returns whether the row IDs of a split are rows of fer2013.csv."""
    return split.startswith(_SPLITS_OF_FER2013)


def find_dataset() -> Path | None:
    """Returns the user's FER2013 file, or None if there is none."""
    root = data_directory()
    return find_fer2013_file(root) or find_fer2013_file(root / "fer2013")


def load_dataset_faces(source: Path) -> DatasetFaces:
    """Reads the test faces: first from the file, which takes seconds, later from the cache.

    Args:
        source: a file that `fer_core.fer2013.table.load_table` reads, its rows in any order.

    Raises:
        DatasetError: the file cannot be read, or does not contain the published test faces of
            FER2013, on which the models were tested.
    """
    table = load_table(source)
    held_out = np.isin(table.usage, HELD_OUT)
    if not held_out.any():
        raise DatasetError(f"{source}: expected rows of {' and '.join(HELD_OUT)}. Received: none.")
    return _by_row(table.label[held_out], table.usage[held_out], table.images[held_out], source)


def _by_row(
    label: NDArray[np.int64], usage: NDArray[np.str_], images: NDArray[np.uint8], source: Path
) -> DatasetFaces:
    """Finds the published row of each face, and sorts the faces in that order."""
    published = load_published_rows().of(HELD_OUT)
    match = published.match(images, label, usage)
    if not match.is_complete or match.relabeled:
        other_labels = f", {match.relabeled:,} of them with another label or split"
        raise DatasetError(
            f"{source}: expected the {len(published):,} test faces of FER2013 as published, in "
            f"any order; the models were tested on those only. Received: {len(images):,} test "
            f"faces, {match.found:,} of which have the pixels of a published one"
            f"{other_labels if match.relabeled else ''}. Use the original download."
        )
    notes = []
    if match.by_class_only:
        notes.append(
            "The rows of the file are not in the published order; they were matched by their "
            f"pixels. For {match.by_class_only} images, which FER+ marks as not a face, only "
            "split and class are known, so they may be swapped."
        )
    order = np.argsort(match.row_id)
    return DatasetFaces(match.row_id[order], label[order], images[order], tuple(notes))
