"""Prediction sets: the classes that cannot be ruled out, with a stated coverage for each class.

Split conformal prediction per class (Vovk 2012, "Conditional validity of inductive conformal
predictors"; Sadinle, Lei and Wasserman 2019, "Least ambiguous set-valued classifiers with bounded
error levels"). The score of a face is 1 minus the calibrated probability of its true class. A class
is in the set of a new face if its score there is at most the quantile `ceil((n + 1) coverage)` of n
of the class's own scores on rows that fitted nothing. Faces drawn like those rows then have their
class in the set with at least this probability, whatever the model; faces from elsewhere need not.

At a coverage of 90%, a class needs nine such rows. A class with fewer uses the quantile of all rows
together, so it has no promise of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import Interval, SplitPredictions
from fer_core.evaluation.reliability.temperature import Calibration
from fer_core.evaluation.scores import wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class PredictionSets:
    """The rule that gives a face its prediction set; arrays are `(k,)`.

    Attributes:
        coverage: requested probability that a face's true class is in its set.
        labels: the k class names.
        calibration: of the probabilities; fitted on other rows than the quantiles.
        rows: int64, faces of each class that the quantile was taken of.
        least: float64, the lowest calibrated probability with which a class is in a set.
    """

    coverage: float
    labels: tuple[str, ...]
    calibration: Calibration
    rows: NDArray[np.int64]
    least: NDArray[np.float64]

    def of(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Returns which classes are in the set of each face, `(n, k)`.

        The most probable class always is, which can only raise the coverage.

        Args:
            probabilities: `(n, k)` before calibration, as in `SplitPredictions`; n may be 0.
        """
        calibrated = self.calibration.apply(probabilities).astype(np.float64)
        members = calibrated >= self.least
        members[np.arange(len(members)), probabilities.argmax(axis=1)] = True
        return members

    def expected_coverage(self) -> tuple[Interval | None, ...]:
        """Returns, by class, the coverage to expect over new faces, with its 95% interval.

        It varies with the faces that happened to be drawn for the quantile: it is distributed as
        Beta(m, n + 1 - m) with m = ceil((n + 1) coverage) (Vovk 2012). None for a class that has no
        promise, because m is above n.
        """
        from scipy.stats import beta

        found: list[Interval | None] = []
        for count in self.rows.tolist():
            rank = _rank(count, self.coverage)
            if rank > count:
                found.append(None)
                continue
            law = beta(rank, count + 1 - rank)
            low, high = law.ppf((0.025, 0.975)).tolist()
            found.append(Interval(value=float(law.mean()), low=low, high=high))
        return tuple(found)


@dataclass(frozen=True, eq=False)
class SetScores:
    """How prediction sets do on labeled faces; arrays and tuples have one value per class.

    Attributes:
        labels: the k class names.
        rows: number of faces.
        coverage: share of the faces whose true class is in their set, with its 95% interval
            (Wilson 1927).
        mean_size: mean number of classes in a set.
        single: share of the faces with one class in their set.
        class_rows: int64, faces of each class.
        class_coverage: None for a class without faces.
        class_mean_size: float64, NaN for a class without faces.
    """

    labels: tuple[str, ...]
    rows: int
    coverage: Interval
    mean_size: float
    single: float
    class_rows: NDArray[np.int64]
    class_coverage: tuple[Interval | None, ...]
    class_mean_size: NDArray[np.float64]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per class; coverage is text with its interval."""
        import pandas as pd

        return pd.DataFrame(
            {
                "label": self.labels,
                "rows": self.class_rows,
                "coverage": [each and each.percent() for each in self.class_coverage],
                "mean_size": self.class_mean_size,
            }
        )


def fit_prediction_sets(selection: SplitPredictions, coverage: float) -> PredictionSets:
    """Fits a rule on the rows of the validation split.

    Training duplicates are left out. Of the others, in the order of their row IDs, every second one
    fits the temperature and the rest the quantiles, so no row fits both.

    Args:
        selection: predictions on the validation split.
        coverage: above 0 and below 1.

    Raises:
        ValueError: `coverage` is out of range, or there are too few rows for it.
    """
    if not 0 < coverage < 1:
        raise ValueError(f"coverage must be above 0 and below 1. Received: {coverage}")
    others = selection.without_training_duplicates()
    order = np.argsort(others.row_id, kind="stable")
    fitting, rest = others.take(order[::2]), others.take(order[1::2])
    calibration = Calibration.fit(fitting.probabilities, fitting.label)
    calibrated = calibration.apply(rest.probabilities).astype(np.float64)
    of_true = calibrated[np.arange(len(rest)), rest.label]
    every = _least(of_true, coverage)
    if every is None:
        raise ValueError(f"{len(rest)} rows are too few for a coverage of {coverage}")
    own = [_least(of_true[rest.label == each], coverage) for each in range(len(selection.labels))]
    return PredictionSets(
        coverage=coverage,
        labels=selection.labels,
        calibration=calibration,
        rows=np.bincount(rest.label, minlength=len(own)),
        least=np.array([every if each is None else each for each in own], np.float64),
    )


def set_scores(
    sets: PredictionSets, probabilities: NDArray[np.float32], label: NDArray[np.int64]
) -> SetScores:
    """Scores prediction sets on labeled faces.

    Args:
        sets: the rule.
        probabilities: `(n, k)` before calibration; n at least 1.
        label: `(n,)` true classes.
    """
    members = sets.of(probabilities)
    size, covered = members.sum(axis=1), members[np.arange(len(label)), label]
    count = len(sets.labels)
    rows = np.bincount(label, minlength=count)
    hits = np.bincount(label, covered, minlength=count).astype(np.int64)
    with np.errstate(invalid="ignore"):
        class_size = np.bincount(label, size, minlength=count) / rows
    return SetScores(
        labels=sets.labels,
        rows=len(label),
        coverage=wilson(int(covered.sum()), len(label)),
        mean_size=float(size.mean()),
        single=float((size == 1).mean()),
        class_rows=rows,
        class_coverage=tuple(
            wilson(hit, row) if row else None
            for hit, row in zip(hits.tolist(), rows.tolist(), strict=True)
        ),
        class_mean_size=class_size,
    )


def _rank(count: int, coverage: float) -> int:
    # The tolerance keeps 0.9 * 10, stored as slightly more than 9, from becoming 10.
    return math.ceil((count + 1) * coverage - 1e-9)


def _least(of_true: NDArray[np.float64], coverage: float) -> float | None:
    """The probability that the share `coverage` of faces reaches; None if they are too few."""
    rank = _rank(len(of_true), coverage)
    if rank > len(of_true):
        return None
    return float(np.sort(of_true)[::-1][rank - 1])
