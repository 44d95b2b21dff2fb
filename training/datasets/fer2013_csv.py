"""FER2013 for training; rows get the numbers of the published file, matched by their pixels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.errors import DatasetError
from fer_core.evaluation.dataset import FER2013_COUNTS
from fer_core.fer2013 import (
    NO_ROW,
    Fer2013Table,
    RowMatch,
    find_fer2013_file,
    load_published_rows,
    load_table,
)
from fer_core.labels import FER2013
from training.datasets.dataset import FaceDataset, Split

SPLIT_OF: Final[dict[str, Split]] = {
    "Training": "train",
    "PublicTest": "valid",
    "PrivateTest": "test",
}
"""The split for each value of the column Usage."""


def find_fer2013_csv(path: Path) -> Path | None:
    """Returns `path` if it is a file, otherwise the FER2013 file in the folder `path`, if any."""
    return path if path.is_file() else find_fer2013_file(path)


def read_fer2013_csv(path: Path) -> FaceDataset:
    """Reads FER2013 from a CSV file with rows in any order, through the cache.

    A row is identified by its pixels (`fer_core.fer2013.published_rows`). If the file has exactly
    the published faces, they are sorted into the published order. In any other file, rows with the
    pixels of a published row get its number, and the others get numbers after the end of the
    published file, so that they cannot be confused with its rows. `notes` states which applies.

    Args:
        path: a file that `fer_core.fer2013.load_table` can read.

    Raises:
        DatasetError: raised by `load_table`, or because a split has no rows.
    """
    table = load_table(path)
    _require_all_splits(table, path)
    published = load_published_rows()
    match = published.match(table.images, table.label, table.usage)
    place = np.arange(len(table), dtype=np.int64)
    row_id = np.where(match.row_id == NO_ROW, len(published) + place, match.row_id)
    order = np.argsort(row_id) if match.is_complete else place
    return FaceDataset(
        name="fer2013",
        images=table.images[order],
        labels=table.label[order],
        label_names=FER2013,
        split=np.array([SPLIT_OF[usage] for usage in table.usage[order].tolist()]),
        row_id=row_id[order],
        notes=(*_notes_on_counts(table), *_notes_on_rows(match, len(published))),
    )


def _require_all_splits(table: Fer2013Table, path: Path) -> None:
    if missing := [usage for usage in SPLIT_OF if usage not in table.usage]:
        raise DatasetError(
            f"{path}: expected rows with Usage {', '.join(SPLIT_OF)}; none of {len(table):,} rows "
            f"is {' or '.join(missing)}. The download may be incomplete."
        )


def _notes_on_counts(table: Fer2013Table) -> tuple[str, ...]:
    rows = Counter(zip(table.usage.tolist(), table.label.tolist(), strict=True))
    official = {
        (usage, label): count
        for usage, counts in FER2013_COUNTS.items()
        for label, count in enumerate(counts)
    }
    if rows == official:
        return ()
    received = " / ".join(f"{(table.usage == usage).sum():,}" for usage in SPLIT_OF)
    published = " / ".join(f"{sum(counts):,}" for counts in FER2013_COUNTS.values())
    return (
        "This is not the published FER2013, or not all of it. Rows for training / validation / "
        f"test: {received}; published: {published}. The counts per class may differ, too.",
    )


def _notes_on_rows(match: RowMatch, published: int) -> tuple[str, ...]:
    notes = []
    total = len(match.row_id)
    if not match.is_complete and match.found == total:
        notes.append(
            f"All {total:,} rows are from the published FER2013 and have its row numbers; "
            f"{published - total:,} rows are missing."
        )
    elif not match.is_complete:
        notes.append(
            f"{match.found:,} of {total:,} rows match a row of the published FER2013 by their "
            f"pixels and have its row number. The others are numbered from {published:,}."
        )
    elif not match.is_in_order:
        notes.append("The rows were not in the published order. They were sorted by their pixels.")
    if match.by_class_only:
        notes.append(
            f"{match.by_class_only:,} of the faces have unknown pixels (FER+ labels them as not a "
            "face). They were sorted by split and class, in file order."
        )
    if match.relabeled:
        notes.append(
            f"{match.relabeled:,} rows have the pixels of a published row, but a different label "
            "or split."
        )
    return tuple(notes)
