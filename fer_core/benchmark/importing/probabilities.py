"""The probabilities of a table, checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.importing.table import Table, and_others
from fer_core.errors import PredictionsRejected
from fer_core.evaluation import SUM_TOLERANCE


def read_probabilities(table: Table, columns: Sequence[str]) -> NDArray[np.float32]:
    """Reads k columns and checks that every row is a distribution.

    Returns:
        `(n, k)`, rows sum to 1 up to `SUM_TOLERANCE`.

    Raises:
        PredictionsRejected: a value is missing, no number or negative, or a row does not sum to 1;
            the message names the first line, and says what the values look like.
    """
    exact = np.stack([table.numbers(name) for name in columns], axis=1)
    with np.errstate(over="ignore"):
        values = exact.astype(np.float32)
    sums = values.sum(axis=1)
    bad = np.flatnonzero((values < 0).any(axis=1) | ~(np.abs(sums - 1) <= SUM_TOLERANCE))
    if not len(bad):
        return values
    row = int(bad[0])
    others = and_others(len(bad), "row")
    if (values < 0).any():
        logarithms = (exact <= 0).all() and np.allclose(np.exp(exact).sum(axis=1), 1, atol=0.02)
        row = int(np.flatnonzero((values < 0).any(axis=1))[0])
        negative = exact[row].min()
        kind, advice = (
            ("logarithms of probabilities", "Take their exponential")
            if logarithms
            else ("logits", "Apply softmax")
        )
        raise PredictionsRejected(
            f"{table.place(row)}: a probability is {negative:.4g}. If these are {kind}: {advice} "
            "before saving."
        )
    advice = ""
    if np.allclose(sums, 100, atol=1):
        advice = " If these are percentages: divide them by 100."
    elif (values > 1).any():
        advice = " If these are logits: apply softmax before saving."
    raise PredictionsRejected(
        f"{table.place(row)}: the probabilities sum to {sums[row]:.4g} instead of 1{others}."
        f"{advice}"
    )
