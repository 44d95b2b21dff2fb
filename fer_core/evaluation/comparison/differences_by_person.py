"""Differences of accuracy where one person has several rows, which are not independent."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 10_000
_AT_ONCE: Final = 500


def by_person(
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    subject: NDArray[np.int64],
    *,
    level: float,
    resamples: int = RESAMPLES,
) -> tuple[float, float, float]:
    """Compares two models on the same rows: interval and p-value of their difference.

    The interval has the percentiles of a bootstrap that draws people with all their rows (Davison
    and Hinkley 1997, "Bootstrap methods and their application", section 3.8). The p-value is that
    of a permutation test which exchanges the two models for whole people (Good 2005, "Permutation,
    parametric and bootstrap tests of hypotheses", section 3.2): without a difference, each
    person's would be equally likely with the other sign. The seed is fixed.

    Args:
        first: `(n,)`, whether the first model is correct; n at least 1.
        second: the same for the second model.
        subject: `(n,)`, the person in each row.
        level: of the test; 0.05 gives the 95% interval.
        resamples: of both.

    Returns:
        The bounds of the interval of first minus second, and the two-sided p-value.
    """
    _, person, rows = np.unique(subject, return_inverse=True, return_counts=True)
    difference = np.bincount(person, first.astype(np.float64) - second)
    rng = np.random.default_rng(0)
    drawn, flipped = [], []
    for start in range(0, resamples, _AT_ONCE):
        size = min(_AT_ONCE, resamples - start)
        people = rng.integers(0, len(rows), (size, len(rows)))
        drawn.append(difference[people].sum(axis=1) / rows[people].sum(axis=1))
        flipped.append(rng.choice((-1.0, 1.0), (size, len(rows))) @ difference)
    low, high = np.quantile(np.concatenate(drawn), (level / 2, 1 - level / 2))
    as_large = np.abs(np.concatenate(flipped)) >= abs(difference.sum()) - 1e-9
    return float(low), float(high), float((1 + as_large.sum()) / (1 + resamples))
