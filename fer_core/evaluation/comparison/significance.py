"""Significance tests for two models on the same rows.

McNemar's test (1947) uses only the discordant rows, those on which a condition holds for one model
and not for the other: without a difference, either side is equally likely. The p-value is the mid-p
of the two-sided binomial test: it counts the observed outcome by half, which is less conservative
than the exact test and still keeps its level (Fagerland, Lydersen and Laake 2013,
"The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact
conditional").
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANCE_LEVEL: Final = 0.05


def mcnemar(only_first: ArrayLike, only_second: ArrayLike) -> NDArray[np.float64]:
    """Returns two-sided mid-p-values of McNemar's test, one per pair of counts.

    Args:
        only_first: rows on which the condition holds only for the first model; any shape.
        only_second: rows on which it holds only for the second model; the same shape.

    Returns:
        The same shape; 1 where there are no discordant rows.

    Raises:
        ValueError: a count is below 0.
    """
    from scipy.stats import binom

    first, second = np.asarray(only_first), np.asarray(only_second)
    smaller, discordant = np.minimum(first, second), first + second
    if smaller.size and smaller.min() < 0:
        raise ValueError(f"counts must be at least 0. Received: {smaller.min()}")
    p_value = 2 * binom.cdf(smaller, discordant, 0.5) - binom.pmf(smaller, discordant, 0.5)
    return np.asarray(np.minimum(p_value, 1.0), np.float64)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Returns p-values corrected for multiple testing (Holm 1979, "A simple sequentially ...").

    Rejecting those below a level keeps the family-wise error rate below that level, under any
    dependence.

    Args:
        p_values: any shape.

    Returns:
        The same shape; each value is at least the original one and at most 1.
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, axis=None, kind="stable")
    scaled = values.ravel()[order] * np.arange(values.size, 0, -1)
    corrected = np.empty(values.size)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return corrected.reshape(values.shape)
