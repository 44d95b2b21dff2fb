"""Score intervals of what was counted; they hold for few rows, and for none or all of them too."""

from __future__ import annotations

from fer_core.evaluation import Interval


def wilson(right: int, rows: int) -> Interval:
    """Returns a proportion with its 95% interval (Wilson 1927).

    Args:
        right: rows that count, 0 to `rows`.
        rows: all of them. Without any the proportion is 0, and may be anything.
    """
    from scipy.stats import binomtest

    if rows == 0:
        return Interval(value=0.0, low=0.0, high=1.0)
    limits = binomtest(right, rows).proportion_ci(confidence_level=0.95, method="wilson")
    # Rounding may put a bound on the wrong side of a share that is exactly 0 or 1.
    share = right / rows
    return Interval(
        value=share, low=min(float(limits.low), share), high=max(float(limits.high), share)
    )


def wilson_f1(hits: int, errors: int) -> Interval:
    """Returns F1 with its 95% interval, from Wilson's for a proportion that F1 follows from.

    F1 is `2 * hits / (2 * hits + errors)`. The proportion `j = hits / (hits + errors)` is a
    binomial one given all rows that have the class or are predicted as it, and F1 is
    `2 * j / (1 + j)`, which only increases (Lam, Gopal and Qian 2023, "Confidence intervals for
    the F1 score: a comparison of four methods", Wilson indirect).

    Args:
        hits: rows of the class that are predicted as it.
        errors: rows of the class that are not, and rows predicted as it that are not of it.
    """
    jaccard = wilson(hits, hits + errors)
    bounds = (jaccard.value, jaccard.low, jaccard.high)
    value, low, high = (2 * each / (1 + each) for each in bounds)
    return Interval(value=value, low=low, high=high)
