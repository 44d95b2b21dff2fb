"""From a cell of a matrix, or a whole row or column of it, to the rows of data behind it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison.aligned_predictions import AnswerTable

ANY: Final = "any"
"""Stands for every label: a whole row or column of a matrix."""

FEWEST_FACES: Final = 20
"""A cell with fewer has no average face, which would come close to somebody's photo."""


def rows_of_cell(
    answers: AnswerTable, model: str, *, true: str = ANY, answer: str = ANY
) -> NDArray[np.bool_]:
    """Returns `(n,)` which rows one model's confusion matrix counts in a cell.

    Args:
        answers: of this model, and perhaps of others.
        model: its name.
        true: name of the true class, or `ANY`.
        answer: name of the answered class, or `ANY`.

    Raises:
        ValueError: a name is no label of these answers.
    """
    return _is(answers, answers.label, true) & _is(answers, answers.answer_of(model), answer)


def rows_of_difference(
    answers: AnswerTable, first: str, second: str, *, true: str = ANY, answer: str = ANY
) -> NDArray[np.bool_]:
    """Returns `(n,)` which rows only one of two models puts into a cell.

    Args:
        answers: of both models, and perhaps of others.
        first: name of the one model.
        second: name of the other.
        true: name of the true class, or `ANY`.
        answer: name of the answered class, or `ANY`: rows that the two answer differently.

    Raises:
        ValueError: a name is no label of these answers.
    """
    of_first, of_second = answers.answer_of(first), answers.answer_of(second)
    if answer == ANY:
        differs = of_first != of_second
    else:
        differs = _is(answers, of_first, answer) ^ _is(answers, of_second, answer)
    return np.asarray(_is(answers, answers.label, true) & differs, bool)


def rows_of_agreement(
    answers: AnswerTable,
    first: str,
    second: str,
    *,
    first_answer: str = ANY,
    second_answer: str = ANY,
) -> NDArray[np.bool_]:
    """Returns `(n,)` which rows get these two answers from two models.

    Args:
        answers: of both models, and perhaps of others.
        first: name of the one model.
        second: name of the other.
        first_answer: what the first answers, or `ANY`.
        second_answer: what the second answers, or `ANY`.

    Raises:
        ValueError: a name is no label of these answers.
    """
    return _is(answers, answers.answer_of(first), first_answer) & _is(
        answers, answers.answer_of(second), second_answer
    )


def average_of_cell(
    predictions: SplitPredictions, *, true: str, answer: str
) -> NDArray[np.uint8] | None:
    """Returns the average face of a cell of one model's plain confusion matrix.

    Args:
        predictions: of the model.
        true: name of the true class.
        answer: name of the answered class.

    Returns:
        `(48, 48)` gray; None where the cell has too few faces, and where no averages were made.

    Raises:
        ValueError: a name is no label of these predictions.
    """
    cell = tuple(predictions.labels.index(name) for name in (true, answer))
    if predictions.cell_averages is None or not predictions.cell_averages[cell].any():
        return None
    return np.asarray(predictions.cell_averages[cell])


def _is(answers: AnswerTable, classes: NDArray[np.int64], name: str) -> NDArray[np.bool_]:
    if name == ANY:
        return np.ones(len(classes), bool)
    if name not in answers.labels:
        raise ValueError(
            f"Expected {ANY!r} or one of the labels {', '.join(answers.labels)}. Received: {name!r}"
        )
    return np.asarray(classes == answers.labels.index(name), bool)
