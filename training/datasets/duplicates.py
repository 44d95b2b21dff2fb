"""Images that occur more than once, with identical pixels."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.datasets.dataset import FaceDataset


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Every row whose image occurs more than once; identical images share a group.

    Attributes:
        group: `(m,)` int64, 0-based number of the distinct image; rows are ordered by it.
        split: `(m,)` strings.
        label: `(m,)` strings.
    """

    group: NDArray[np.int64]
    split: NDArray[np.str_]
    label: NDArray[np.str_]

    @property
    def n_surplus(self) -> int:
        """Number of rows to remove so that each image occurs once."""
        return len(self.group) - len(np.unique(self.group))

    @property
    def n_in_conflict(self) -> int:
        """Number of images with more than one label."""
        labels = Counter(
            group for group, _ in set(zip(self.group.tolist(), self.label.tolist(), strict=True))
        )
        return sum(count > 1 for count in labels.values())


def image_digests(images: NDArray[np.uint8]) -> NDArray[np.str_]:
    """Returns one string per image, `(n,)`, equal if and only if the images are identical."""
    digests = [hashlib.blake2b(image.tobytes(), digest_size=16).hexdigest() for image in images]
    return np.array(digests, dtype="<U32")


def find_duplicates(dataset: FaceDataset) -> Duplicates:
    """Finds every row whose image occurs more than once in the dataset."""
    _, group, counts = np.unique(
        image_digests(dataset.images), return_inverse=True, return_counts=True
    )
    repeated = np.flatnonzero(counts[group] > 1)
    repeated = repeated[np.argsort(group[repeated], kind="stable")]
    _, numbers = np.unique(group[repeated], return_inverse=True)
    return Duplicates(
        group=numbers.astype(np.int64),
        split=dataset.split[repeated],
        label=np.array(dataset.label_names)[dataset.labels[repeated]],
    )


def duplicates_of_training(
    dataset: FaceDataset, split: Literal["valid", "test"] = "test"
) -> NDArray[np.int64]:
    """Returns the row ids of a split's train/test duplicates.

    These rows have an identical image in the training split. A score without them is a score on
    images that a model cannot have memorized.
    """
    digests = image_digests(dataset.images)
    is_duplicate = np.isin(digests, digests[dataset.split == "train"]) & (dataset.split == split)
    row_id: NDArray[np.int64] = dataset.row_id[is_duplicate]
    return row_id
