"""Selective prediction: coverage and accuracy when the model abstains below a confidence threshold.

The model abstains where its confidence, the largest probability, is below the threshold. Coverage
is the share of rows with a prediction, risk the error rate of these predictions (Geifman and
El-Yaniv 2017, "Selective classification for deep neural networks"). Confidences are those of the
classifier, after temperature scaling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import Interval
from fer_core.evaluation.scores import proportion

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD_STEP: Final = 0.01


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The risk at every coverage that a threshold can reach; arrays are `(m,)`.

    Attributes:
        threshold: decreasing, the confidences that occur.
        coverage: share of the rows with at least that confidence, increasing to 1.
        risk: error rate of those rows.
        area: AURC, the mean over all rows of the risk with that row's confidence as threshold
            (Geifman, Uziel and El-Yaniv 2019, "Bias-reduced uncertainty estimation for deep neural
            classifiers"). Lower is better.
        optimal_area: the area if every error were less confident than every correct prediction.
    """

    threshold: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    area: float
    optimal_area: float

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
        coverage: `(t,)` the same as a share of all rows.
        accuracy: `(t,)` selective accuracy, that of the covered rows; NaN where there are none.
    """

    threshold: NDArray[np.float64]
    covered: NDArray[np.int64]
    coverage: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    def reaching(self, accuracy: float) -> float | None:
        """Returns the lowest threshold, with the highest coverage, that reaches this accuracy.

        Returns:
            None if no threshold does.
        """
        enough = self.accuracy >= accuracy
        return float(self.threshold[enough.argmax()]) if enough.any() else None

    def guaranteeing(self, accuracy: float, *, confidence: float = 0.95) -> float | None:
        """Returns the lowest threshold found whose accuracy on new faces is bounded from below.

        Selection with guaranteed risk (Geifman and El-Yaniv 2017, algorithm 1): a binary search
        over thresholds, each with the exact binomial bound (Clopper and Pearson 1934) at a level
        divided by the number of steps. Over the draws of such rows, with probability `confidence`
        the accuracy on new faces like them is at least `accuracy`. The threshold of `reaching`
        meets it on these rows only, and about every second time on new faces.

        Args:
            accuracy: selective accuracy, from 0 to 1.
            confidence: probability that the bound holds, above 0 and below 1.

        Returns:
            None if no threshold that the search tries is certain enough.
        """
        from scipy.stats import beta

        steps = math.ceil(math.log2(len(self.threshold)))
        level = 1 - (1 - confidence) / steps
        found, low, high = None, 0, len(self.threshold) - 1
        for _ in range(steps):
            middle = (low + high) // 2
            rows = int(self.covered[middle])
            errors = round(rows * (1 - self.accuracy[middle])) if rows else 0
            risk = beta.ppf(level, errors + 1, rows - errors) if errors < rows else 1.0
            if risk <= 1 - accuracy:
                found, high = float(self.threshold[middle]), middle
            else:
                low = middle + 1
            if low > high:
                break
        return found

    def at_least(self, threshold: float) -> float | None:
        """Returns the accuracy at a threshold in whole percent, rounded down.

        Returns:
            None where no row is covered.
        """
        accuracy = float(self.accuracy[np.abs(self.threshold - threshold).argmin()])
        # The tolerance keeps 0.29, stored as slightly less, from becoming 0.28.
        return None if np.isnan(accuracy) else float(np.floor(accuracy * 100 + 1e-9) / 100)

    @property
    def most_accurate(self) -> int:
        """The position of the highest accuracy; ties go to the lowest threshold."""
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
    """Coverage and scores at one threshold; arrays are `(k,)`.

    Attributes:
        threshold: below it the model abstains.
        rows: all rows.
        covered: rows with a prediction.
        accuracy: selective accuracy, that of the covered rows, with its 95% interval (Wilson
            1927); None without any.
        labels: the k class names.
        class_rows: int64, rows that have the class.
        class_covered: int64, covered rows that have the class.
        precision: on the covered rows; NaN where undefined.
        recall: on the covered rows; NaN where undefined.
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
        """The share of the rows with a prediction."""
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
    """Computes the risk-coverage curve; rows with equal confidence are covered together.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
    """
    confidence, error = _confidence_and_error(probabilities, label)
    rows = len(label)
    threshold, group, count = np.unique(-confidence, return_inverse=True, return_counts=True)
    covered = count.cumsum()
    risk = np.bincount(group, error).cumsum() / covered
    perfect_risk = np.sort(error).cumsum() / np.arange(1, rows + 1)
    return RiskCoverage(
        threshold=-threshold,
        coverage=covered / rows,
        risk=risk,
        area=float((risk * count).sum() / rows),
        optimal_area=float(perfect_risk.mean()),
    )


def threshold_sweep(probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> ThresholdSweep:
    """Computes coverage and selective accuracy in steps of `THRESHOLD_STEP`.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
    """
    confidence, error = _confidence_and_error(probabilities, label)
    order = np.argsort(confidence)
    steps = round(1 / THRESHOLD_STEP)
    threshold = np.arange(steps + 1) / steps
    abstained = np.searchsorted(confidence[order], threshold, side="left")
    covered = len(label) - abstained
    correct_from = np.append((1 - error[order])[::-1].cumsum()[::-1], 0.0)
    return ThresholdSweep(
        threshold=threshold,
        covered=covered,
        coverage=covered / len(label),
        accuracy=correct_from[abstained] / np.where(covered > 0, covered, np.nan),
    )


def selective_scores(
    probabilities: NDArray[np.float32],
    label: NDArray[np.int64],
    labels: tuple[str, ...],
    threshold: float,
    *,
    subject: NDArray[np.int64] | None = None,
) -> SelectiveScores:
    """Scores the rows whose largest probability is at least `threshold`.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
        labels: the k class names.
        threshold: from 0 to 1.
        subject: `(n,)` the person in each row, for the interval of the accuracy; see `proportion`.
    """
    from sklearn.metrics import precision_recall_fscore_support

    confidence, error = _confidence_and_error(probabilities, label)
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
        accuracy=proportion(
            error[is_covered] == 0, None if subject is None else subject[is_covered]
        )
        if covered
        else None,
        labels=labels,
        class_rows=np.bincount(label, minlength=len(labels)),
        class_covered=np.bincount(label[is_covered], minlength=len(labels)),
        precision=precision,
        recall=recall,
    )


def _confidence_and_error(
    probabilities: NDArray[np.float32], label: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The confidence of each row, and 1 where its prediction is incorrect."""
    # In double precision, like a face's confidence when it is compared with the threshold.
    confidence = probabilities.max(axis=1).astype(np.float64)
    return confidence, (probabilities.argmax(axis=1) != label).astype(np.float64)
