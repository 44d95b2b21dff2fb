"""The test faces of FER2013 by row, for people who have the dataset.

The project may not pass its pictures on. A user's own `fer2013.csv` or `icml_face_data.csv`, plain
or in an archive, is looked for in the folder that `FER_DATA_DIR` names, else in `data/`, there or
in the sub-folder `fer2013/`. Which row a face is, its pixels tell
(`fer_core.fer2013.published_rows`), so the file may be in any order.
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
        source: a file that `fer_core.fer2013.table.load_table` reads, its rows in any order.

    Raises:
        DatasetError: the file cannot be read, or does not hold the test faces of FER2013 as
            published, which are those that the models answered.
    """
    table = load_table(source)
    held_out = np.isin(table.usage, HELD_OUT)
    if not held_out.any():
        raise DatasetError(f"{source}: expected rows of {' and '.join(HELD_OUT)}. Received: none.")
    return _by_row(table.label[held_out], table.usage[held_out], table.images[held_out], source)


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
