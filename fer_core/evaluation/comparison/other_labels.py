"""Predictions scored against a second set of labels for the same rows.

Where the labels of a dataset are noisy, a part of a model's errors are errors of the labels. A
second labeling by more people (FER+ has ten votes for each face of FER2013) tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import Interval, SplitPredictions
from fer_core.evaluation.scores import wilson


@dataclass(frozen=True)
class OtherLabels:
    """Accuracy against both sets of labels, on the rows that both have.

    Attributes:
        rows: number of rows.
        own: accuracy against the labels of the dataset, with its 95% interval (Wilson 1927).
        other: accuracy against the other labels.
        agreement: share of the rows whose two labels are the same.
        errors: rows whose own label differs from the prediction.
        errors_confirmed: of these, the share where the other label is the prediction.
    """

    rows: int
    own: Interval
    other: Interval
    agreement: float
    errors: int
    errors_confirmed: Interval | None


def against_other_labels(
    predictions: SplitPredictions,
    row_id: NDArray[np.int64],
    labels: NDArray[np.str_],
) -> OtherLabels | None:
    """Scores predictions against other labels.

    Args:
        predictions: of a model on a split.
        row_id: `(m,)` unique rows that have another label.
        labels: `(m,)` its name. Rows with a class that the model cannot predict are left out.

    Returns:
        None if no row has both labels.
    """
    index_of = {name: index for index, name in enumerate(predictions.labels)}
    other_of = {
        row: index_of[name]
        for row, name in zip(row_id.tolist(), labels.tolist(), strict=True)
        if name in index_of
    }
    other = np.array([other_of.get(row, -1) for row in predictions.row_id.tolist()], np.int64)
    is_known = other >= 0
    rows = int(is_known.sum())
    if not rows:
        return None
    predicted = predictions.probabilities.argmax(axis=1)[is_known]
    own, other = predictions.label[is_known], other[is_known]
    is_error = predicted != own
    errors, confirmed = int(is_error.sum()), int((is_error & (predicted == other)).sum())
    return OtherLabels(
        rows=rows,
        own=wilson(rows - errors, rows),
        other=wilson(int((predicted == other).sum()), rows),
        agreement=float((own == other).mean()),
        errors=errors,
        errors_confirmed=wilson(confirmed, errors) if errors else None,
    )
