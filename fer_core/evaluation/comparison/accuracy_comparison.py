"""Is one model better than another on the same rows, or could it be chance?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.comparison.paired_interval import paired_interval
from fer_core.evaluation.comparison.significance import SIGNIFICANCE_LEVEL, holm, mcnemar

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AccuracyComparison:
    """Two models on the same rows.

    Attributes:
        rows: that both answered.
        accuracy_first: part of them that the first model answers rightly.
        accuracy_second: that the second does.
        difference: first minus second.
        low: lower bound of the difference's interval, see `paired_interval`: of 95% for one pair
            by itself, of more for one of several, so that 95% holds for all of them together.
        high: upper bound.
        only_first_correct: rows that the first model alone answers rightly.
        only_second_correct: rows that the second alone does.
        p_value: of McNemar's test, mid-p, for one pair by itself.
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

        It is smaller than that of two models on rows of their own, since hard faces are hard for
        both.
        """
        either = (self.only_first_correct + self.only_second_correct) / self.rows
        return math.sqrt(max(either - self.difference**2, 0.0) / self.rows)


def compare_accuracy(
    aligned: AlignedPredictions, first: str, second: str, *, pairs: int = 1
) -> AccuracyComparison:
    """Compares the accuracy of two models.

    Args:
        aligned: of the two models, and perhaps of others; at least one row.
        first: name of the one model.
        second: name of the other.
        pairs: how many pairs are compared in all; the interval is widened so that those of all of
            them hold together with 95% (Bonferroni; Dunn 1961, "Multiple comparisons among
            means"). The p-value is not corrected.

    Raises:
        ValueError: there are no rows.
    """
    rows = len(aligned)
    if rows == 0:
        raise ValueError("A comparison needs at least one row. Received: none")
    wrong, other_wrong = aligned.is_error(first), aligned.is_error(second)
    only_first = int((other_wrong & ~wrong).sum())
    only_second = int((wrong & ~other_wrong).sum())
    low, high = paired_interval(only_first, only_second, rows, level=SIGNIFICANCE_LEVEL / pairs)
    return AccuracyComparison(
        rows=rows,
        accuracy_first=float(1 - wrong.mean()),
        accuracy_second=float(1 - other_wrong.mean()),
        difference=(only_first - only_second) / rows,
        low=low,
        high=high,
        only_first_correct=only_first,
        only_second_correct=only_second,
        p_value=float(mcnemar(only_first, only_second)),
    )


@dataclass(frozen=True)
class PairwiseComparisons:
    """Every model against every other on one split.

    Attributes:
        comparisons: by the two models' names, with intervals for all pairs together.
        p_holm: by the same, the p-value corrected for the number of pairs.
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
    """Compares each pair of models; intervals and p-values are corrected for how many there are.

    Holm's correction of the p-values has no intervals of its own kind, and Bonferroni's are a
    little wider: a pair may be significant though its interval just holds 0.

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
