"""The area under the ROC curve of weighted rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def weighted_areas(
    is_class: NDArray[np.bool_], score: NDArray[np.floating], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Returns ROC AUC: the share of pairs, one of the class and one of the rest, in correct order.

    Ties count half.

    Args:
        is_class: `(n,)`.
        score: `(n,)`.
        weights: `(m, n)` m sets of weights of the rows.

    Returns:
        `(m,)`, NaN where a side has no weight.
    """
    inside, outside = np.flatnonzero(is_class), np.flatnonzero(~is_class)
    outside = outside[np.argsort(score[outside], kind="stable")]
    weight_inside = weights[:, inside]
    weight_up_to = np.zeros((len(weights), len(outside) + 1))
    np.cumsum(weights[:, outside], axis=1, out=weight_up_to[:, 1:])
    below, not_above = (
        weight_up_to[:, np.searchsorted(score[outside], score[inside], side=side)]
        for side in ("left", "right")
    )
    pairs = weight_inside.sum(axis=1) * weight_up_to[:, -1]
    in_order = (weight_inside * (below + not_above) / 2).sum(axis=1)
    areas: NDArray[np.float64] = np.divide(
        in_order, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0
    )
    return areas
