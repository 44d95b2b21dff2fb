"""Caches datasets read from folders of pictures, in the user's cache folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.files import cached_arrays
from training.datasets.dataset import FaceDataset
from training.datasets.pictures import files_below

_LAYOUT: Final = "faces 1"
"""Increase the number when a reader's result for the same files changes."""


def cached(folder: Path, read: Callable[[Path], FaceDataset]) -> FaceDataset:
    """Returns the result of `read(folder)`, from the cache if no file in the folder has changed.

    Args:
        folder: its files are checked by size and modification time.
        read: the reader to call if there is no valid cache entry.
    """
    arrays = cached_arrays(
        folder, files_below(folder), lambda: _arrays_of(read(folder)), layout=_LAYOUT
    )
    return FaceDataset(
        name=str(arrays["name"]),
        images=arrays["images"],
        labels=arrays["labels"],
        label_names=tuple(arrays["label_names"].tolist()),
        split=arrays["split"],
        row_id=arrays["row_id"],
        notes=tuple(arrays["notes"].tolist()),
    )


def _arrays_of(dataset: FaceDataset) -> Mapping[str, NDArray[Any]]:
    return {
        "name": np.array(dataset.name),
        "images": dataset.images,
        "labels": dataset.labels,
        "label_names": np.array(dataset.label_names),
        "split": dataset.split,
        "row_id": dataset.row_id,
        "notes": np.array(dataset.notes, dtype=np.str_),
    }
