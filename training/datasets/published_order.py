"""Numbering the rows of a FER2013 table as in the published file, by their pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.fer2013 import NO_ROW, RowMatch, load_published_rows
from training.datasets.dataset import FaceDataset, Split

USAGES: Final[dict[str, Split]] = {
    "Training": "train",
    "PublicTest": "valid",
    "PrivateTest": "test",
}
"""What the splits are called in the column Usage."""

_USAGE_OF: Final = {split: usage for usage, split in USAGES.items()}


def usage_of(split: NDArray[np.str_]) -> NDArray[np.str_]:
    """Returns what FER2013 calls the splits of rows, `(n,)`."""
    return np.array([_USAGE_OF[name] for name in split.tolist()])


def with_published_rows(dataset: FaceDataset) -> FaceDataset:
    """Numbers rows as in the published file.

    All published faces, in whatever order, are put into the published order. In any other table,
    rows with the pixels of a published row get its number, the others numbers from the end of the
    published file on, so that nobody takes them for its rows. `notes` says which of it was done.

    Args:
        dataset: a FER2013 table, numbered from 0.
    """
    published = load_published_rows()
    match = published.match(dataset.images, dataset.labels, usage_of(dataset.split))
    row_id = np.where(match.row_id == NO_ROW, len(published) + dataset.row_id, match.row_id)
    order = np.argsort(row_id) if match.is_complete else dataset.row_id
    return replace(
        dataset,
        images=dataset.images[order],
        labels=dataset.labels[order],
        split=dataset.split[order],
        row_id=row_id[order],
        notes=(*dataset.notes, *_notes_on_rows(match, len(published))),
    )


def _notes_on_rows(match: RowMatch, published: int) -> tuple[str, ...]:
    notes = []
    total = len(match.row_id)
    if not match.is_complete and match.found == total:
        notes.append(
            f"All {total:,} rows are rows of the published FER2013 and have its numbers; "
            f"{published - total:,} are missing."
        )
    elif not match.is_complete:
        notes.append(
            f"{match.found:,} of {total:,} rows have the pixels of a row of the published FER2013, "
            f"and its number. The others are numbered from {published:,} on."
        )
    elif not match.is_in_order:
        notes.append(
            "The rows stood in another order than published. They were put back by their pixels."
        )
    if match.by_class_only:
        notes.append(
            f"{match.by_class_only:,} of the faces have pixels that nothing is known of (FER+ calls"
            " them no faces). They were put back by split and class, in the order of the file."
        )
    if match.relabeled:
        notes.append(
            f"{match.relabeled:,} rows have the pixels of a published row, but another label or "
            "split than it."
        )
    return tuple(notes)
