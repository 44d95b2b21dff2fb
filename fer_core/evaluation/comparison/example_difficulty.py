"""Which rows are hard: how many models err on them, and how far they are from the label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Difficulty:
    """How many rows of each class how many models get wrong.

    Attributes:
        labels: the k class names.
        counts: `(k, m + 1)` int64: rows of a class on which none of m models errs, one, ... all.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """`(k, m + 1)`: the same as parts of each class."""
        return np.asarray(self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True)))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class and number: label, models_that_err, rows, share."""
        import pandas as pd

        classes, models = (index.ravel() for index in np.indices(self.counts.shape))
        return pd.DataFrame(
            {
                "label": np.array(self.labels)[classes],
                "models_in_error": models,
                "rows": self.counts.ravel(),
                "share": self.shares.ravel(),
            }
        )


def difficulty(aligned: AlignedPredictions) -> Difficulty:
    """Counts by class how many of the models err on a row."""
    counts = np.zeros((len(aligned.labels), len(aligned.models) + 1), np.int64)
    np.add.at(counts, (aligned.label, error_counts(aligned)), 1)
    return Difficulty(aligned.labels, counts)


def error_counts(aligned: AlignedPredictions) -> NDArray[np.int64]:
    """Returns `(n,)` how many models err on each row."""
    return np.asarray((~aligned.is_correct).sum(axis=1), np.int64)


def hardest_first(aligned: AlignedPredictions) -> AlignedPredictions:
    """Orders rows by how many models err, then by how little the models believe in the label.

    The second is the mean of the probabilities that the models give the true class.
    """
    rows = np.arange(len(aligned))
    belief = aligned.probabilities[rows, :, aligned.label].mean(axis=1)
    return aligned.take(np.lexsort((belief, -error_counts(aligned))))
