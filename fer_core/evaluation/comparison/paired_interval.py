"""Confidence interval of the difference of two accuracies on the same rows."""

from __future__ import annotations

from typing import Final

from fer_core.evaluation.comparison.significance import SIGNIFICANCE_LEVEL

_SMALLEST: Final = 1e-9


def paired_interval(
    only_first: int, only_second: int, rows: int, *, level: float = SIGNIFICANCE_LEVEL
) -> tuple[float, float]:
    """Returns the score interval of a difference of paired proportions (Tango 1998).

    "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design". It contains the differences that the score test does not reject. For a
    difference of 0 that is McNemar's test, so interval and test match; it stays valid with few or
    no discordant rows.

    Args:
        only_first: rows on which only the first model is correct.
        only_second: rows on which only the second model is correct.
        rows: all rows, at least 1.
        level: of the test; 0.05 gives the 95% interval.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    quantile = float(norm.isf(level / 2))
    found = (only_first - only_second) / rows

    def excess(difference: float, side: int) -> float:
        """Above 0 where the test rejects a difference on that side of the observed one."""
        return side * (difference - found) * rows - quantile * _deviation(
            only_first, only_second, rows, difference
        )

    def limit(bound: float, side: int) -> float:
        # Not from the observed difference itself: its deviation is 0 without discordant rows.
        beside = found + side * _SMALLEST
        if side * (bound - beside) <= 0 or excess(bound, side) <= 0:
            return bound
        return float(brentq(excess, beside, bound, args=(side,)))

    return limit(-1.0, -1), limit(1.0, 1)


def _deviation(only_first: int, only_second: int, rows: int, difference: float) -> float:
    """Standard deviation of `only_first - only_second` under a given difference.

    By the maximum likelihood estimate of the probability of `only_second`, equation 3 of the paper.
    """
    linear = (2 * rows - only_first + only_second) * difference - only_first - only_second
    constant = -only_second * difference * (1 - difference)
    root = max(linear**2 - 8 * rows * constant, 0.0) ** 0.5
    probability = (root - linear) / (4 * rows)
    return float(max(rows * (2 * probability + difference * (1 - difference)), 0.0) ** 0.5)
