"""How far a model's confidence can be believed.

A model that says 80 % is calibrated when it is right in 80 % of such cases. Rows are put into bins
of equal width by their confidence, the largest probability of the row (Guo et al. 2017, "On
calibration of modern neural networks", section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.bootstrap import interval, row_weights
from fer_core.evaluation.scores import CalibrationScores

if TYPE_CHECKING:
    import pandas as pd

BINS: Final = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """What a reliability diagram shows: one entry per bin of confidence.

    Attributes:
        low, high: `(bins,)` the bin's limits; a confidence of exactly `high` belongs to it.
        count: `(bins,)` rows in the bin.
        confidence: `(bins,)` their mean confidence; NaN where there are none.
        accuracy: `(bins,)` the part of them that is right; NaN where there are none.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """`(bins,)` confidence minus accuracy: above 0 the model is too sure."""
        return self.confidence - self.accuracy

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per bin."""
        import pandas as pd

        return pd.DataFrame(
            {
                "low": self.low,
                "high": self.high,
                "count": self.count,
                "confidence": self.confidence,
                "accuracy": self.accuracy,
                "gap": self.gap,
            }
        )


def reliability(
    probabilities: NDArray[np.float32], label: NDArray[np.int64], *, bins: int = BINS
) -> Reliability:
    """Sorts answers into bins by their confidence.

    Args:
        probabilities: `(n, k)`, rows sum to 1.
        label: `(n,)` true classes.
        bins: of equal width between 0 and 1.
    """
    confidence, right, position = _binned(probabilities, label, bins)
    count = np.bincount(position, minlength=bins)
    edges = np.linspace(0, 1, bins + 1)
    empty = np.where(count > 0, count, np.nan)
    return Reliability(
        low=edges[:-1],
        high=edges[1:],
        count=count,
        confidence=np.bincount(position, confidence, bins) / empty,
        accuracy=np.bincount(position, right, bins) / empty,
    )


def calibration_scores(
    probabilities: NDArray[np.float32], label: NDArray[np.int64], *, bins: int = BINS
) -> CalibrationScores:
    """Measures how far confidence and accuracy lie apart, with bootstrap intervals.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
        bins: of equal width, for ECE and MCE.
    """
    confidence, right, position = _binned(probabilities, label, bins)
    membership = np.eye(bins)[position]
    weights = row_weights(len(label))
    excess = confidence - right

    def ece(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        values: NDArray[np.float64] = np.abs(weights @ (membership * excess[:, None])).sum(axis=-1)
        return values

    error = probabilities.astype(np.float64)
    error[np.arange(len(label)), label] -= 1
    squared = (error**2).sum(axis=1)
    of_label = probabilities[np.arange(len(label)), label]
    surprise = -np.log(np.maximum(of_label, np.finfo(np.float32).tiny), dtype=np.float64)
    every_row = np.full(len(label), 1 / len(label))
    return CalibrationScores(
        ece=interval(float(ece(every_row)), ece(weights)),
        mce=float(np.nanmax(np.abs(reliability(probabilities, label, bins=bins).gap))),
        brier=interval(float(squared.mean()), weights @ squared),
        nll=interval(float(surprise.mean()), weights @ surprise),
    )


def _binned(
    probabilities: NDArray[np.float32], label: NDArray[np.int64], bins: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The confidence of each row, whether it is right (0 or 1), and its bin."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = (probabilities.argmax(axis=1) == label).astype(np.float64)
    position = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return confidence, right, position
