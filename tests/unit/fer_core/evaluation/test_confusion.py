from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as reference

from fer_core.evaluation.confusion import ConfusionMatrix, confusion_matrix, rows_of_cell
from fer_core.evaluation.predictions import SplitPredictions

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


@pytest.mark.parametrize("protocol", ["plain", "flip"])
def test_every_row_is_in_the_cell_that_counts_it(
    make_predictions: MakePredictions, protocol: str
) -> None:
    predictions = make_predictions()
    matrix = confusion_matrix(predictions, protocol)  # type: ignore[arg-type]
    seen: list[int] = []
    for true_index, true in enumerate(matrix.labels):
        for predicted_index, predicted in enumerate(matrix.labels):
            rows = rows_of_cell(
                predictions,
                true=true,
                predicted=predicted,
                protocol=protocol,  # type: ignore[arg-type]
            )
            assert len(rows) == matrix.counts[true_index, predicted_index]
            table = rows.to_frame(protocol)  # type: ignore[arg-type]
            assert set(table["label"]) <= {true}
            assert set(table["predicted"]) <= {predicted}
            assert table["confidence"].is_monotonic_decreasing
            seen += rows.row_id.tolist()
    assert sorted(seen) == predictions.row_id.tolist()


def test_unknown_class_is_refused(make_predictions: MakePredictions) -> None:
    with pytest.raises(ValueError, match="angry, happy, sad, neutral"):
        rows_of_cell(make_predictions(), true="angry", predicted="bored")


def test_unknown_normalization_is_refused() -> None:
    matrix = ConfusionMatrix(np.eye(2, dtype=np.int64), ("a", "b"))
    with pytest.raises(ValueError, match="none, true, predicted, all"):
        matrix.normalized("rows")  # type: ignore[arg-type]


def test_counts_must_fit_the_labels() -> None:
    with pytest.raises(ValueError, match=r"\(3, 3\)"):
        ConfusionMatrix(np.eye(2, dtype=np.int64), ("a", "b", "c"))
