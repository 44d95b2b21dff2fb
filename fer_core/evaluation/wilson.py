"""How far a share that was counted would move on other rows of the same kind."""

from __future__ import annotations

from fer_core.evaluation.scores import Interval


def wilson(right: int, rows: int) -> Interval:
    """Returns the share with its 95 % interval (Wilson 1927), which holds for few rows too.

    Args:
        right: rows that count, 0 to `rows`.
        rows: all of them, at least 1.
    """
    from scipy.stats import binomtest

    limits = binomtest(right, rows).proportion_ci(confidence_level=0.95, method="wilson")
    # Rounding may put a bound on the wrong side of a share that is exactly 0 or 1.
    share = right / rows
    return Interval(
        value=share, low=min(float(limits.low), share), high=max(float(limits.high), share)
    )
