"""Which rows are hard: how many models are incorrect, and how improbable the label is to them."""

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
    """Rows of each class by how many models are incorrect.

    Attributes:
        labels: the k class names.
        counts: `(k, m + 1)` int64, rows of a class on which 0, 1, ... m of m models are incorrect.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """`(k, m + 1)`: the counts as shares of each class."""
        return np.asarray(self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True)))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class and number: label, models_in_error, rows, share."""
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
    """Counts rows by class and by how many models are incorrect."""
    counts = np.zeros((len(aligned.labels), len(aligned.models) + 1), np.int64)
    np.add.at(counts, (aligned.label, error_counts(aligned)), 1)
    return Difficulty(aligned.labels, counts)


def error_counts(aligned: AlignedPredictions) -> NDArray[np.int64]:
    """Returns `(n,)` how many models are incorrect on each row."""
    return np.asarray((~aligned.is_correct).sum(axis=1), np.int64)


def hardest_first(aligned: AlignedPredictions) -> AlignedPredictions:
    """Orders rows by how many models are incorrect, then by the probability of the true class.

    That is the mean over the models, lowest first.
    """
    rows = np.arange(len(aligned))
    of_true = aligned.probabilities[rows, :, aligned.label].mean(axis=1)
    return aligned.take(np.lexsort((of_true, -error_counts(aligned))))
