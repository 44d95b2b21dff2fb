"""Score intervals of proportions, valid for few rows and for proportions of 0 and 1 too."""

from __future__ import annotations

from fer_core.evaluation import Interval


def wilson(hits: int, rows: int) -> Interval:
    """Returns a proportion with its 95% interval (Wilson 1927).

    Args:
        hits: rows that count, 0 to `rows`.
        rows: all rows. Without any, the proportion is 0 and the interval 0 to 1.
    """
    from scipy.stats import binomtest

    if rows == 0:
        return Interval(value=0.0, low=0.0, high=1.0)
    limits = binomtest(hits, rows).proportion_ci(confidence_level=0.95, method="wilson")
    # Rounding may put a bound on the wrong side of a proportion of exactly 0 or 1.
    share = hits / rows
    return Interval(
        value=share, low=min(float(limits.low), share), high=max(float(limits.high), share)
    )


def wilson_f1(hits: int, errors: int) -> Interval:
    """Returns F1 with its 95% interval, derived from Wilson's interval for a proportion.

    F1 is `2 * hits / (2 * hits + errors)`. The proportion `j = hits / (hits + errors)` is a
    binomial one given all rows that have the class or are predicted as it, and F1 is
    `2 * j / (1 + j)`, which increases with it (Lam, Gopal and Qian 2023, "Confidence intervals for
    the F1 score: a comparison of four methods", Wilson indirect).

    Args:
        hits: rows of the class that are predicted as it.
        errors: rows of the class that are not, and rows predicted as it that are not of it.
    """
    jaccard = wilson(hits, hits + errors)
    bounds = (jaccard.value, jaccard.low, jaccard.high)
    value, low, high = (2 * each / (1 + each) for each in bounds)
    return Interval(value=value, low=low, high=high)
