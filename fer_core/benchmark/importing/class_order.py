"""Whether the columns of probabilities are in another order than their names say."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGNIFICANCE_LEVEL: Final = 0.01
_LEAST_GAIN: Final = 0.05
_LEAST_RATIO: Final = 2
"""How many errors an obvious permutation corrects for each that it makes."""

_MOST_LOST: Final = 0.1
"""What columns that fit worse may lose, as a share of what the others gain."""


def better_order(
    predicted: NDArray[np.int64], label: NDArray[np.int64], classes: int
) -> tuple[int, ...] | None:
    """Finds an order of the classes that fits the true labels far better than the given one.

    The best permutation maximizes accuracy: an assignment problem on the confusion matrix, solved
    by the Hungarian algorithm (Kuhn 1955). It is far better if accuracy rises by 5 points, if it
    corrects at least two errors for each that it makes, if it fits better for several columns and
    hardly worse for any, and if McNemar's exact test, corrected for all permutations (Bonferroni),
    is significant at 1%. So a weak model is not mistaken for a permuted one, such as one that
    always predicts a rare class, or one that takes disgust for anger and anger for neutral on
    faces unlike its own.

    Args:
        predicted: `(n,)` the column with the largest probability.
        label: `(n,)` true classes, in the given order of the columns.
        classes: k.

    Returns:
        `(k,)` the class that each column seems to hold; None if the given order is fine.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.stats import binomtest

    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (predicted, label), 1)
    # Among equally good orders, the one that keeps most classes: all k weigh less than one row.
    _, held = linear_sum_assignment(counts * (classes + 1) + np.eye(classes), maximize=True)
    moved = held != np.arange(classes)
    by_column = counts[np.arange(classes), held] - np.diagonal(counts)
    corrected = int(counts[np.arange(classes), held][moved].sum())
    broken = int(np.diagonal(counts)[moved].sum())
    if not corrected or corrected < _LEAST_RATIO * broken:
        return None
    gained, lost = by_column[by_column > 0], -by_column[by_column < 0].sum()
    if by_column.sum() < _LEAST_GAIN * len(label) or len(gained) < 2:
        return None
    if lost > _MOST_LOST * gained.sum():
        return None
    p_value = binomtest(corrected, corrected + broken, alternative="greater").pvalue
    if p_value * math.factorial(classes) >= _SIGNIFICANCE_LEVEL:
        return None
    return tuple(held.tolist())
