"""One prediction per video sequence: the mean over its frames' probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sequences:
    """Which rows of a table are frames of the same sequence.

    The frames of a sequence are nearly identical, so they count as one observation. Their
    probabilities are averaged (Kittler et al. 1998, "On combining classifiers", the sum rule): all
    frames have equal weight, there is nothing to tune, and sums over classes are preserved, so
    classes can be merged before or after.

    Attributes:
        first: `(s,)` int64, the first row of each sequence, in ascending order of the names.
        group: `(n,)` int64, which of the s sequences each row belongs to.
    """

    first: NDArray[np.int64]
    group: NDArray[np.int64]

    @classmethod
    def of(cls, sequence: NDArray[Any]) -> Sequences:
        """Groups `(n,)` rows by the name or number of their sequence."""
        _, first, group = np.unique(sequence, return_index=True, return_inverse=True)
        return cls(np.asarray(first, np.int64), np.asarray(group, np.int64))

    def mean(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Returns the `(s, k)` means over the frames of each sequence of `(n, k)` values."""
        total = np.zeros((len(self.first), values.shape[1]))
        np.add.at(total, self.group, values)
        return np.asarray(total / np.bincount(self.group)[:, None], np.float32)
