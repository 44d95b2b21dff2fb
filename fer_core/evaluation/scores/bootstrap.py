"""The bootstrap over rows: how much a score would vary on another sample of the same size.

Efron and Tibshirani 1993, percentile intervals. Drawing n rows with replacement is one draw from a
multinomial distribution of how often each row occurs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import Interval

RESAMPLES: Final = 2000
_ROW_RESAMPLES: Final = 500
"""Fewer where each resample holds a weight per row, which takes memory and time."""

_LEVELS: Final = (0.025, 0.975)


@lru_cache(maxsize=2)
def row_weights(rows: int, resamples: int = _ROW_RESAMPLES, seed: int = 0) -> NDArray[np.float64]:
    """Returns `(resamples, rows)` weights that sum to 1 in each resample."""
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(rows, np.full(rows, 1 / rows), size=resamples) / rows
    weights.flags.writeable = False  # the cache returns the same array to all callers
    return weights


def group_weights(
    group: NDArray[Any], resamples: int = _ROW_RESAMPLES, seed: int = 0
) -> NDArray[np.float64]:
    """Returns `(resamples, rows)` weights of rows drawn by group, each group with all its rows.

    For rows that are correlated within a group, such as pictures of one person (Davison and Hinkley
    1997, "Bootstrap methods and their application", section 3.8).

    Args:
        group: `(rows,)`, the group of each row.
        resamples: how many times to draw.
        seed: the same seed draws the same groups.
    """
    names, index = np.unique(group, return_inverse=True)
    weights: NDArray[np.float64] = row_weights(len(names), resamples, seed)[:, index]
    return weights


def group_counts(counts: NDArray[np.integer], resamples: int, seed: int) -> NDArray[np.int64]:
    """Returns counts summed over groups drawn with replacement.

    Args:
        counts: `(groups, ...)`, the counts of each group.
        resamples: r, how many times to draw.
        seed: the same seed draws the same groups.

    Returns:
        `(r, ...)`.
    """
    groups = len(counts)
    draws = np.random.default_rng(seed).multinomial(
        groups, np.full(groups, 1 / groups), size=resamples
    )
    summed = draws @ counts.reshape(groups, -1)
    return np.asarray(summed, np.int64).reshape(resamples, *counts.shape[1:])


def interval(value: float, resampled: NDArray[np.float64]) -> Interval:
    """Returns `value` with the 95% percentile interval of its resamples."""
    low, high = percentiles(resampled)
    return Interval(value=value, low=low, high=high)


def percentiles(resampled: NDArray[np.float64]) -> tuple[float, float]:
    """Returns the bounds of the 95% percentile interval of resampled values."""
    low, high = np.nanquantile(resampled, _LEVELS)
    return float(low), float(high)
