"""The common format of all datasets in training: images, labels and splits in columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError

Split = Literal["train", "valid", "test"]
SPLITS: Final[tuple[Split, ...]] = get_args(Split)
IMAGE_SIZE: Final = 48


@dataclass(frozen=True, eq=False, kw_only=True)
class FaceDataset:
    """Labeled gray faces, one row per face.

    Attributes:
        name: name in run directories and model cards, such as `fer2013`.
        images: `(n, 48, 48)` uint8.
        labels: `(n,)` int64, indices into `label_names`.
        label_names: the classes in index order.
        split: `(n,)` strings, each `train`, `valid` or `test`.
        row_id: `(n,)` int64, unique; for FER2013 and FER+ the 0-based row of fer2013.csv.
        targets: `(n, len(label_names))` float32 with rows that sum to 1, for datasets labeled with
            vote distributions; None for datasets with one label per face.
        notes: messages for the user, such as how a missing split was made.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    label_names: tuple[str, ...]
    split: NDArray[np.str_]
    row_id: NDArray[np.int64]
    targets: NDArray[np.float32] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.images)
        _require_array("images", self.images, (n, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        _require_array("labels", self.labels, (n,), np.int64)
        _require_array("row_id", self.row_id, (n,), np.int64)
        _require_array("split", self.split, (n,), np.str_)
        if self.targets is not None:
            _require_array("targets", self.targets, (n, len(self.label_names)), np.float32)
            if not np.allclose(self.targets.sum(axis=1), 1.0, atol=1e-4):
                raise DatasetError(f"{self.name}: every row of targets must sum to 1.")
        if n and not (self.labels.min() >= 0 and self.labels.max() < len(self.label_names)):
            raise DatasetError(
                f"{self.name}: labels must lie in 0..{len(self.label_names) - 1}. "
                f"Received: {self.labels.min()}..{self.labels.max()}"
            )
        if unknown := set(np.unique(self.split).tolist()) - set(SPLITS):
            raise DatasetError(
                f"{self.name}: split must be one of {', '.join(SPLITS)}. "
                f"Received: {', '.join(sorted(unknown))}"
            )
        if len(np.unique(self.row_id)) != n:
            raise DatasetError(f"{self.name}: row_id must not repeat.")

    def __len__(self) -> int:
        return len(self.images)

    def subset(self, split: Split) -> FaceDataset:
        """Returns the rows of one split, in their order.

        Raises:
            DatasetError: there are none.
        """
        chosen = self.split == split
        if not chosen.any():
            raise DatasetError(
                f"{self.name} has no {split} split. It has: "
                f"{', '.join(sorted(set(self.split.tolist()))) or 'no rows at all'}"
            )
        return replace(
            self,
            images=self.images[chosen],
            labels=self.labels[chosen],
            split=self.split[chosen],
            row_id=self.row_id[chosen],
            targets=None if self.targets is None else self.targets[chosen],
        )

    def fingerprint(self) -> str:
        """Returns the SHA-256 of the training data: images, labels, splits, row ids, votes."""
        votes = {} if self.targets is None else {"targets": self.targets}
        return fingerprint(
            {
                "images": self.images,
                "labels": self.labels,
                "label_names": np.array(self.label_names),
                "split": self.split,
                "row_id": self.row_id,
                **votes,
            }
        )


def _require_array(
    name: str, array: NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]
) -> None:
    if array.shape != shape or not np.issubdtype(array.dtype, dtype):
        raise DatasetError(
            f"{name} must have shape {shape} and dtype {dtype.__name__}. "
            f"Received: shape={array.shape}, dtype={array.dtype}"
        )


def fingerprint(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Returns the SHA-256 of arrays with their names, types and shapes, in hexadecimal digits."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
