"""The area under the ROC curve, where rows have weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def weighted_areas(
    is_class: NDArray[np.bool_], score: NDArray[np.floating], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Returns the part of pairs, one of the class and one of the rest, that are in order.

    Ties count half.

    Args:
        is_class: `(n,)`.
        score: `(n,)`.
        weights: `(m, n)` how often each row occurs.

    Returns:
        `(m,)`, NaN where a side has no weight.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    inside, outside = (
        np.add.reduceat(np.where(side[order], weights[:, order], 0), starts, axis=1)
        for side in (is_class, ~is_class)
    )
    below = outside.cumsum(axis=1) - outside / 2
    pairs = inside.sum(axis=1) * outside.sum(axis=1)
    areas: NDArray[np.float64] = np.divide(
        (inside * below).sum(axis=1), pairs, out=np.full(len(pairs), np.nan), where=pairs > 0
    )
    return areas
