"""Answering only when sure: what a threshold on the confidence costs and what it gives.

A face whose largest probability is below the threshold gets no answer. Coverage is the part of the
faces that is answered, risk the part of these answers that is wrong (Geifman and El-Yaniv 2017,
"Selective classification for deep neural networks"). The confidences here are those that the
classifier gives, after its temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import Interval
from fer_core.evaluation.scores import wilson

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD_STEP: Final = 0.01


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The risk at every coverage that a threshold can give; arrays are `(m,)`.

    Attributes:
        threshold: decreasing, the confidences that occur.
        coverage: the part of the rows whose confidence is at least that, increasing to 1.
        risk: the part of those that is wrong.
        area: AURC, the mean over all rows of the risk of answering every row that is at least as
            confident (Geifman, Uziel and El-Yaniv 2019, "Bias-reduced uncertainty estimation for
            deep neural classifiers"). The smaller the better.
        least_area: the area if every wrong answer were less confident than every right one.
    """

    threshold: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    area: float
    least_area: float

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per coverage."""
        import pandas as pd

        return pd.DataFrame(
            {"threshold": self.threshold, "coverage": self.coverage, "risk": self.risk}
        )


@dataclass(frozen=True, eq=False)
class ThresholdSweep:
    """Coverage and accuracy at thresholds from 0 to 1 in steps of `THRESHOLD_STEP`.

    Attributes:
        threshold: `(t,)` increasing.
        covered: `(t,)` int64, rows whose confidence is at least the threshold.
        coverage: `(t,)` the same as a part of all rows.
        accuracy: `(t,)` the part of the answered rows that is right; NaN where there are none.
    """

    threshold: NDArray[np.float64]
    covered: NDArray[np.int64]
    coverage: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    def reaching(self, accuracy: float) -> float | None:
        """Returns the lowest threshold, which answers most, with at least this accuracy.

        Returns:
            None where no threshold has it.
        """
        enough = self.accuracy >= accuracy
        return float(self.threshold[enough.argmax()]) if enough.any() else None

    def at_least(self, threshold: float) -> float | None:
        """Returns the accuracy at a threshold in whole percent, rounded down.

        Returns:
            None where no row is answered.
        """
        accuracy = float(self.accuracy[np.abs(self.threshold - threshold).argmin()])
        # A little more, so that 0.29, which a float holds as a little less, is not 0.28.
        return None if np.isnan(accuracy) else float(np.floor(accuracy * 100 + 1e-9) / 100)

    @property
    def most_accurate(self) -> int:
        """The position of the highest accuracy, the lowest threshold of equals."""
        return int(np.nanargmax(self.accuracy))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per threshold."""
        import pandas as pd

        return pd.DataFrame(
            {
                "threshold": self.threshold,
                "covered": self.covered,
                "coverage": self.coverage,
                "accuracy": self.accuracy,
            }
        )


@dataclass(frozen=True, eq=False)
class SelectiveScores:
    """What is answered at one threshold, and how well; arrays are `(k,)`.

    Attributes:
        threshold: below it a row is not answered.
        rows: all of them.
        covered: those that are answered.
        accuracy: the part of the answered rows that is right, with its 95% interval (Wilson
            1927); None where none is answered.
        labels: the k class names.
        class_rows: int64, rows that have the class.
        class_covered: int64, those of them that are answered.
        precision: of the answers that name the class, the part that is right; NaN without any.
        recall: of the answered rows that have the class, the part that is right; NaN without any.
    """

    threshold: float
    rows: int
    covered: int
    accuracy: Interval | None
    labels: tuple[str, ...]
    class_rows: NDArray[np.int64]
    class_covered: NDArray[np.int64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]

    @property
    def coverage(self) -> float:
        """The part of the rows that is answered."""
        return self.covered / self.rows

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class."""
        import pandas as pd

        return pd.DataFrame(
            {
                "label": self.labels,
                "rows": self.class_rows,
                "covered": self.class_covered,
                "coverage": self.class_covered / np.maximum(self.class_rows, 1),
                "precision": self.precision,
                "recall": self.recall,
            }
        )


def risk_coverage(probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> RiskCoverage:
    """Computes the risk-coverage curve; rows of one confidence are answered together.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
    """
    confidence, wrong = _confidence_and_error(probabilities, label)
    rows = len(label)
    threshold, group, count = np.unique(-confidence, return_inverse=True, return_counts=True)
    covered = count.cumsum()
    risk = np.bincount(group, wrong).cumsum() / covered
    perfect_risk = np.sort(wrong).cumsum() / np.arange(1, rows + 1)
    return RiskCoverage(
        threshold=-threshold,
        coverage=covered / rows,
        risk=risk,
        area=float((risk * count).sum() / rows),
        least_area=float(perfect_risk.mean()),
    )


def threshold_sweep(probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> ThresholdSweep:
    """Computes coverage and accuracy at every threshold that a slider offers.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
    """
    confidence, wrong = _confidence_and_error(probabilities, label)
    order = np.argsort(confidence)
    steps = round(1 / THRESHOLD_STEP)
    threshold = np.arange(steps + 1) / steps
    abstained = np.searchsorted(confidence[order], threshold, side="left")
    covered = len(label) - abstained
    right_from = np.append((1 - wrong[order])[::-1].cumsum()[::-1], 0.0)
    return ThresholdSweep(
        threshold=threshold,
        covered=covered,
        coverage=covered / len(label),
        accuracy=right_from[abstained] / np.where(covered > 0, covered, np.nan),
    )


def selective_scores(
    probabilities: NDArray[np.float32],
    label: NDArray[np.int64],
    labels: tuple[str, ...],
    threshold: float,
) -> SelectiveScores:
    """Scores the rows whose largest probability is at least `threshold`.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
        labels: the k class names.
        threshold: from 0 to 1.
    """
    from sklearn.metrics import precision_recall_fscore_support

    confidence, wrong = _confidence_and_error(probabilities, label)
    is_covered = confidence >= threshold
    covered = int(is_covered.sum())
    classes = range(len(labels))
    precision = recall = np.full(len(labels), np.nan)
    if covered:
        precision, recall, _, _ = precision_recall_fscore_support(
            label[is_covered],
            probabilities[is_covered].argmax(axis=1),
            labels=classes,
            zero_division=np.nan,
        )
    return SelectiveScores(
        threshold=threshold,
        rows=len(label),
        covered=covered,
        accuracy=wilson(int((1 - wrong[is_covered]).sum()), covered) if covered else None,
        labels=labels,
        class_rows=np.bincount(label, minlength=len(labels)),
        class_covered=np.bincount(label[is_covered], minlength=len(labels)),
        precision=precision,
        recall=recall,
    )


def _confidence_and_error(
    probabilities: NDArray[np.float32], label: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The largest probability of each row, and 1 where its answer is wrong."""
    # In double precision, as a face's confidence is compared with the threshold.
    confidence = probabilities.max(axis=1).astype(np.float64)
    return confidence, (probabilities.argmax(axis=1) != label).astype(np.float64)
