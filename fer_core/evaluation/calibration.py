"""How far a model's confidence can be believed.

A model that says 80 % is calibrated when it is right in 80 % of such cases. Rows are put into bins
of equal width by their confidence, the largest probability of the row (Guo et al. 2017, "On
calibration of modern neural networks", section 2). A class is calibrated for itself when it is the
true one in 80 % of the rows that give it 80 %, whichever class they answer (Kull et al. 2019,
"Beyond temperature scaling", section 3, class-wise).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.bootstrap import interval, row_weights, unbiased_interval
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
        accuracy: `(bins,)` the part of them that is right; NaN where there are none. Of a single
            class the part of them that has it, and `confidence` is its probability.
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

    @property
    def expected_error(self) -> float:
        """ECE: the mean size of the gap, weighted by rows."""
        return float(np.nansum(np.abs(self.gap) * self.count) / self.count.sum())

    @property
    def largest_error(self) -> float:
        """MCE: the largest size of a bin's gap."""
        return float(np.nanmax(np.abs(self.gap)))

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
    return _reliability(*_answers(probabilities, label), bins)


def class_reliability(
    probabilities: NDArray[np.float32], label: NDArray[np.int64], index: int, *, bins: int = BINS
) -> Reliability:
    """Sorts rows into bins by their probability of one class.

    Args:
        probabilities: `(n, k)`, rows sum to 1.
        label: `(n,)` true classes.
        index: of the class, below k.
        bins: of equal width between 0 and 1.
    """
    probability = probabilities[:, index].astype(np.float64)
    return _reliability(probability, (label == index).astype(np.float64), bins)


@dataclass(frozen=True, eq=False)
class ClasswiseCalibration:
    """How well each class is calibrated for itself, against all others; arrays are `(k,)`.

    Attributes:
        labels: the k class names.
        share: the part of the rows that has the class.
        mean_probability: what the model gives it on average.
        ece: expected calibration error over bins of its probability.
        mce: the largest gap of a bin.
        brier: mean squared distance of its probability from 1 or 0.
        nll: mean negative log-likelihood of its being there or not, in nats.
    """

    labels: tuple[str, ...]
    share: NDArray[np.float64]
    mean_probability: NDArray[np.float64]
    ece: NDArray[np.float64]
    mce: NDArray[np.float64]
    brier: NDArray[np.float64]
    nll: NDArray[np.float64]

    @property
    def mean_error(self) -> float:
        """Class-wise ECE: the mean over the classes."""
        return float(self.ece.mean())

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class."""
        import pandas as pd

        return pd.DataFrame({field.name: getattr(self, field.name) for field in fields(self)})


def classwise_calibration(
    probabilities: NDArray[np.float32],
    label: NDArray[np.int64],
    labels: tuple[str, ...],
    *,
    bins: int = BINS,
) -> ClasswiseCalibration:
    """Measures every class for itself.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
        labels: the k class names.
        bins: of equal width, for ECE and MCE.
    """
    found = [
        class_reliability(probabilities, label, each, bins=bins) for each in range(len(labels))
    ]
    probability = probabilities.astype(np.float64)
    is_class = np.eye(len(labels))[label]
    of_truth = np.where(is_class > 0, probability, 1 - probability)
    return ClasswiseCalibration(
        labels=labels,
        share=is_class.mean(axis=0),
        mean_probability=probability.mean(axis=0),
        ece=np.array([each.expected_error for each in found]),
        mce=np.array([each.largest_error for each in found]),
        brier=((probability - is_class) ** 2).mean(axis=0),
        nll=-np.log(np.maximum(of_truth, np.finfo(np.float32).tiny)).mean(axis=0),
    )


def calibration_scores(
    probabilities: NDArray[np.float32], label: NDArray[np.int64], *, bins: int = BINS
) -> CalibrationScores:
    """Measures how far confidence and accuracy lie apart, with bootstrap intervals.

    That of ECE is freed of the bias of resampling, see `bootstrap.unbiased_interval`.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
        bins: of equal width, for ECE and MCE.
    """
    confidence, right = _answers(probabilities, label)
    membership = np.eye(bins)[_positions(confidence, bins)]
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
        ece=unbiased_interval(float(ece(every_row)), ece(weights)),
        mce=reliability(probabilities, label, bins=bins).largest_error,
        brier=interval(float(squared.mean()), weights @ squared),
        nll=interval(float(surprise.mean()), weights @ surprise),
    )


def _answers(
    probabilities: NDArray[np.float32], label: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The confidence of each row, and whether it is right, 0 or 1."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    return confidence, (probabilities.argmax(axis=1) == label).astype(np.float64)


def _positions(confidence: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """The bin of each row."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def _reliability(
    confidence: NDArray[np.float64], right: NDArray[np.float64], bins: int
) -> Reliability:
    position = _positions(confidence, bins)
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
