"""The interval of a proportion of rows, also where one person has several rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import Interval
from fer_core.evaluation.scores.bootstrap import group_weights, percentiles
from fer_core.evaluation.scores.wilson import wilson


def proportion(is_hit: NDArray[np.bool_], subject: NDArray[np.int64] | None = None) -> Interval:
    """Returns the share of rows that count, with its 95% interval.

    Args:
        is_hit: `(n,)`, whether each row counts.
        subject: `(n,)`, the person in each row, if rows of one person are not independent. Wilson's
            interval is then widened to the bounds of a bootstrap over people.
    """
    score = wilson(int(is_hit.sum()), len(is_hit))
    if subject is None or not len(is_hit):
        return score
    weights = group_weights(subject)
    low, high = percentiles(weights @ is_hit / weights.sum(axis=1))
    return Interval(value=score.value, low=min(low, score.low), high=max(high, score.high))
