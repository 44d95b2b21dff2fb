"""The rows of data behind a cell, a row or a column of a matrix."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions

ANY: Final = "any"
"""Every label: a whole row or column of a matrix."""

MIN_FACES: Final = 20
"""Cells with fewer have no average face, which would resemble an individual photo."""


def rows_of_cell(
    aligned: AlignedPredictions, model: str, *, true: str = ANY, predicted: str = ANY
) -> NDArray[np.bool_]:
    """Returns `(n,)` which rows a cell of one model's confusion matrix counts.

    Args:
        aligned: of this model, possibly with others.
        model: its name.
        true: name of the true class, or `ANY`.
        predicted: name of the predicted class, or `ANY`.

    Raises:
        ValueError: a name is not one of the labels.
    """
    return _is(aligned, aligned.label, true) & _is(aligned, aligned.predicted_by(model), predicted)


def rows_of_difference(
    aligned: AlignedPredictions, first: str, second: str, *, true: str = ANY, predicted: str = ANY
) -> NDArray[np.bool_]:
    """Returns `(n,)` which rows only one of two models puts into a cell.

    Args:
        aligned: of both models, possibly with others.
        first: name of the first model.
        second: name of the second model.
        true: name of the true class, or `ANY`.
        predicted: name of the predicted class, or `ANY`: rows with different predictions.

    Raises:
        ValueError: a name is not one of the labels.
    """
    of_first, of_second = aligned.predicted_by(first), aligned.predicted_by(second)
    if predicted == ANY:
        differs = of_first != of_second
    else:
        differs = _is(aligned, of_first, predicted) ^ _is(aligned, of_second, predicted)
    return np.asarray(_is(aligned, aligned.label, true) & differs, bool)


def rows_of_agreement(
    aligned: AlignedPredictions,
    first: str,
    second: str,
    *,
    first_predicted: str = ANY,
    second_predicted: str = ANY,
) -> NDArray[np.bool_]:
    """Returns `(n,)` for which rows two models make these two predictions.

    Args:
        aligned: of both models, possibly with others.
        first: name of the first model.
        second: name of the second model.
        first_predicted: prediction of the first, or `ANY`.
        second_predicted: prediction of the second, or `ANY`.

    Raises:
        ValueError: a name is not one of the labels.
    """
    return _is(aligned, aligned.predicted_by(first), first_predicted) & _is(
        aligned, aligned.predicted_by(second), second_predicted
    )


def average_of_cell(
    predictions: SplitPredictions, *, true: str, predicted: str
) -> NDArray[np.uint8] | None:
    """Returns the average face of a cell of one model's plain confusion matrix.

    Args:
        predictions: of the model.
        true: name of the true class.
        predicted: name of the predicted class.

    Returns:
        `(48, 48)` gray; None if the cell has too few faces or averages were not computed.

    Raises:
        ValueError: a name is not one of the labels.
    """
    cell = tuple(predictions.labels.index(name) for name in (true, predicted))
    if predictions.cell_averages is None or not predictions.cell_averages[cell].any():
        return None
    return np.asarray(predictions.cell_averages[cell])


def _is(aligned: AlignedPredictions, classes: NDArray[np.int64], name: str) -> NDArray[np.bool_]:
    if name == ANY:
        return np.ones(len(classes), bool)
    if name not in aligned.labels:
        raise ValueError(
            f"Expected {ANY!r} or one of the labels {', '.join(aligned.labels)}. Received: {name!r}"
        )
    return np.asarray(classes == aligned.labels.index(name), bool)
