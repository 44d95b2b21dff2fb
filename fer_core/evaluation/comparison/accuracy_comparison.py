"""Paired comparison of accuracies on the same rows: difference, interval, p-value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.comparison.paired_interval import paired_interval
from fer_core.evaluation.comparison.significance import SIGNIFICANCE_LEVEL, holm, mcnemar

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AccuracyComparison:
    """Two models on the same rows.

    Attributes:
        rows: that both models have predictions for.
        accuracy_first: of the first model.
        accuracy_second: of the second model.
        difference: first minus second.
        low: lower bound of the difference's interval, see `paired_interval`: 95% for a single
            pair, widened for one of several so that all intervals hold simultaneously with 95%.
        high: upper bound.
        only_first_correct: rows on which only the first model is correct.
        only_second_correct: rows on which only the second model is correct.
        p_value: of McNemar's test (mid-p), not corrected for the number of pairs.
    """

    rows: int
    accuracy_first: float
    accuracy_second: float
    difference: float
    low: float
    high: float
    only_first_correct: int
    only_second_correct: int
    p_value: float

    @property
    def standard_error(self) -> float:
        """Of the difference, for paired rows (Agresti 2013, "Categorical data analysis", 11.1.1).

        It is smaller than for two independent samples, since hard faces are hard for both models.
        """
        either = (self.only_first_correct + self.only_second_correct) / self.rows
        return math.sqrt(max(either - self.difference**2, 0.0) / self.rows)


def compare_accuracy(
    aligned: AlignedPredictions, first: str, second: str, *, pairs: int = 1
) -> AccuracyComparison:
    """Compares the accuracy of two models.

    Args:
        aligned: of the two models, possibly with others; at least one row.
        first: name of the first model.
        second: name of the second model.
        pairs: how many pairs are compared in total; the interval is widened so that all of them
            hold simultaneously with 95% (Bonferroni; Dunn 1961, "Multiple comparisons among
            means"). The p-value is not corrected.

    Raises:
        ValueError: there are no rows.
    """
    return compare_correctness(~aligned.is_error(first), ~aligned.is_error(second), pairs=pairs)


def compare_correctness(
    first: NDArray[np.bool_], second: NDArray[np.bool_], *, pairs: int = 1
) -> AccuracyComparison:
    """Compares two accuracies by which of the same rows are correct.

    Args:
        first: `(n,)` whether the first model is correct, n at least 1.
        second: `(n,)` the same for the second model.
        pairs: as in `compare_accuracy`.

    Raises:
        ValueError: there are no rows.
    """
    rows = len(first)
    if rows == 0:
        raise ValueError("A comparison needs at least one row. Received: none")
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    low, high = paired_interval(only_first, only_second, rows, level=SIGNIFICANCE_LEVEL / pairs)
    return AccuracyComparison(
        rows=rows,
        accuracy_first=float(first.mean()),
        accuracy_second=float(second.mean()),
        difference=(only_first - only_second) / rows,
        low=low,
        high=high,
        only_first_correct=only_first,
        only_second_correct=only_second,
        p_value=float(mcnemar(only_first, only_second)),
    )


@dataclass(frozen=True)
class PairwiseComparisons:
    """All pairs of models on one split.

    Attributes:
        comparisons: by the two models' names, with simultaneous intervals.
        p_holm: by the same names, p-values corrected for the number of pairs.
    """

    comparisons: Mapping[tuple[str, str], AccuracyComparison]
    p_holm: Mapping[tuple[str, str], float]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per pair, the smallest p-value first, with `p_holm` and `significant`."""
        import pandas as pd

        rows = [
            {"first": first, "second": second}
            | asdict(comparison)
            | {
                "p_holm": self.p_holm[first, second],
                "significant": self.p_holm[first, second] < SIGNIFICANCE_LEVEL,
            }
            for (first, second), comparison in self.comparisons.items()
        ]
        return pd.DataFrame(rows).sort_values("p_value", kind="stable", ignore_index=True)


def compare_all(aligned: AlignedPredictions) -> PairwiseComparisons:
    """Compares each pair of models; intervals and p-values are corrected for the number of pairs.

    Holm's correction has no matching intervals, and Bonferroni's are slightly wider: a pair may be
    significant although its interval just includes 0.

    Args:
        aligned: of at least two models, at least one row.

    Raises:
        ValueError: there are fewer than two models, or no rows.
    """
    if len(aligned.models) < 2:
        raise ValueError(f"Expected at least two models. Received: {len(aligned.models)}")
    pairs = list(combinations(aligned.models, 2))
    comparisons = {
        (first, second): compare_accuracy(aligned, first, second, pairs=len(pairs))
        for first, second in pairs
    }
    corrected = holm([comparison.p_value for comparison in comparisons.values()])
    return PairwiseComparisons(comparisons, dict(zip(comparisons, corrected.tolist(), strict=True)))
