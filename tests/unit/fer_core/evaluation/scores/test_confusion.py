from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as reference

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.confusion import ConfusionMatrix, confusion_matrix

MakePredictions = Callable[..., SplitPredictions]


@pytest.mark.parametrize("normalization", ["true", "predicted", "all"])
def test_normalized_as_scikit_learn_does(
    make_predictions: MakePredictions, normalization: str
) -> None:
    predictions = make_predictions(absent=(2,))
    expected = reference.confusion_matrix(
        predictions.label,
        predictions.probabilities.argmax(axis=1),
        labels=range(4),
        normalize={"predicted": "pred"}.get(normalization, normalization),
    )
    matrix = confusion_matrix(predictions)
    np.testing.assert_allclose(matrix.normalized(normalization), expected)  # type: ignore[arg-type]


def test_counts_are_true_by_predicted() -> None:
    predictions = SplitPredictions(
        "some_test",
        ("a", "b"),
        row_id=np.arange(3),
        label=np.array([0, 0, 1]),
        probabilities=np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]], np.float32),
    )
    matrix = confusion_matrix(predictions)
    assert matrix.counts.tolist() == [[1, 1], [0, 1]]
    table = matrix.to_frame()
    assert table.loc["a", "b"] == 1
    assert table.loc["b", "a"] == 0
    assert matrix.to_frame("true").loc["a", "b"] == 0.5


def test_unknown_normalization_is_refused() -> None:
    matrix = ConfusionMatrix(np.eye(2, dtype=np.int64), ("a", "b"))
    with pytest.raises(ValueError, match="none, true, predicted, all"):
        matrix.normalized("rows")  # type: ignore[arg-type]


def test_counts_must_fit_the_labels() -> None:
    with pytest.raises(ValueError, match=r"\(3, 3\)"):
        ConfusionMatrix(np.eye(2, dtype=np.int64), ("a", "b", "c"))
