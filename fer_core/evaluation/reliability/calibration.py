"""Calibration: whether confidence matches accuracy.

A model is calibrated if predictions with a confidence of 80% are correct in 80% of cases. A
reliability diagram puts rows into bins of equal width by confidence, the largest probability of the
row (Guo et al. 2017, "On calibration of modern neural networks", section 2). A class is calibrated
if it is the true one in 80% of the rows that give it 80%, whatever is predicted (classwise; Kull et
al. 2019, "Beyond temperature scaling", section 3). Errors are measured as in
`fer_core.evaluation.reliability.calibration_error`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import (
    CalibrationError,
    CalibrationScores,
    SplitPredictions,
    TemperatureEffect,
)
from fer_core.evaluation.reliability.calibration_error import calibration_error, largest_gap
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.evaluation.scores import interval, row_weights

if TYPE_CHECKING:
    import pandas as pd

BINS: Final = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """The data of a reliability diagram: one entry per bin of confidence.

    Attributes:
        low, high: `(bins,)` limits of the bin, which includes `high`.
        count: `(bins,)` rows in the bin.
        confidence: `(bins,)` their mean confidence; NaN for empty bins.
        accuracy: `(bins,)` their accuracy; NaN for empty bins. For a single class, the share of
            rows that have it, and `confidence` is its mean probability.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """`(bins,)` confidence minus accuracy: above 0 the model is overconfident."""
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
    """Sorts predictions into bins by confidence.

    Args:
        probabilities: `(n, k)`, rows sum to 1.
        label: `(n,)` true classes.
        bins: of equal width between 0 and 1.
    """
    return _reliability(*_confidence_and_correctness(probabilities, label), bins)


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
    """Calibration of each class against all others; arrays are `(k,)`.

    Attributes:
        labels: the k class names.
        share: of the rows that have the class.
        mean_probability: of the class.
        error: expected calibration error of its probability, one per class.
        mce: the largest gap of a bin.
        brier: mean squared distance of its probability from 1 or 0.
        nll: mean negative log-likelihood of the class being true or not, in nats.
    """

    labels: tuple[str, ...]
    share: NDArray[np.float64]
    mean_probability: NDArray[np.float64]
    error: tuple[CalibrationError, ...]
    mce: NDArray[np.float64]
    brier: NDArray[np.float64]
    nll: NDArray[np.float64]

    @property
    def mean_error(self) -> float:
        """Classwise ECE: the mean over the classes."""
        return float(np.mean([each.value for each in self.error]))

    @property
    def mean_noise_floor(self) -> float:
        """The classwise ECE of a calibrated model."""
        return float(np.mean([each.noise_floor for each in self.error]))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class."""
        import pandas as pd

        return pd.DataFrame(
            {
                "labels": self.labels,
                "share": self.share,
                "mean_probability": self.mean_probability,
                "ece": [each.value for each in self.error],
                "noise_floor": [each.noise_floor for each in self.error],
                "p_value": [each.p_value for each in self.error],
                "mce": self.mce,
                "brier": self.brier,
                "nll": self.nll,
            }
        )


def classwise_calibration(
    probabilities: NDArray[np.float32], label: NDArray[np.int64], labels: tuple[str, ...]
) -> ClasswiseCalibration:
    """Measures the calibration of each class.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
        labels: the k class names.
    """
    probability = probabilities.astype(np.float64)
    is_class = np.eye(len(labels))[label]
    of_truth = np.where(is_class > 0, probability, 1 - probability)
    classes = [(probability[:, index], label == index) for index in range(len(labels))]
    return ClasswiseCalibration(
        labels=labels,
        share=is_class.mean(axis=0),
        mean_probability=probability.mean(axis=0),
        error=tuple(calibration_error(*each) for each in classes),
        mce=np.array([largest_gap(*each) for each in classes]),
        brier=((probability - is_class) ** 2).mean(axis=0),
        nll=-np.log(np.maximum(of_truth, np.finfo(np.float32).tiny)).mean(axis=0),
    )


def calibration_scores(
    probabilities: NDArray[np.float32], label: NDArray[np.int64]
) -> CalibrationScores:
    """Measures how far confidence and accuracy differ.

    Brier score and NLL have bootstrap intervals, the calibration error has its noise floor.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
    """
    confidence, correct = _confidence_and_correctness(probabilities, label)
    weights = row_weights(len(label))
    error = probabilities.astype(np.float64)
    error[np.arange(len(label)), label] -= 1
    squared = (error**2).sum(axis=1)
    of_label = probabilities[np.arange(len(label)), label]
    nll = -np.log(np.maximum(of_label, np.finfo(np.float32).tiny), dtype=np.float64)
    return CalibrationScores(
        ece=calibration_error(confidence, correct > 0),
        mce=largest_gap(confidence, correct > 0),
        brier=interval(float(squared.mean()), weights @ squared),
        nll=interval(float(nll.mean()), weights @ nll),
    )


def temperature_effect(
    predictions: SplitPredictions, calibration: Calibration
) -> TemperatureEffect:
    """Measures calibration before and after, on one split of at least one row, plain."""
    calibrated = calibration.apply(predictions.probabilities)
    kept = predictions.is_without_duplicate
    return TemperatureEffect(
        before=calibration_scores(predictions.probabilities, predictions.label),
        after=calibration_scores(calibrated, predictions.label),
        after_without_training_duplicates=(
            None if kept is None else calibration_scores(calibrated[kept], predictions.label[kept])
        ),
    )


def _confidence_and_correctness(
    probabilities: NDArray[np.float32], label: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The confidence of each row, and whether its prediction is correct, 0 or 1."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    return confidence, (probabilities.argmax(axis=1) == label).astype(np.float64)


def _positions(confidence: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """The bin of each row."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def _reliability(
    confidence: NDArray[np.float64], correct: NDArray[np.float64], bins: int
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
        accuracy=np.bincount(position, correct, bins) / empty,
    )
