from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.scores.classification import classification_metrics
from fer_core.zoo.artifacts import read_predictions, write_predictions
from fer_core.zoo.store import ModelStore

MakePredictions = Callable[..., SplitPredictions]
ARRAYS = {
    "row_id": "row_id",
    "label": "label",
    "probabilities": "probabilities",
    "probabilities_flip": "probabilities_flip",
    "has_training_twin": "has_training_duplicate",
}
"""Arrays of the file, and what they are called as attributes."""


def test_file_has_the_documented_names_and_reads_back(
    make_predictions: MakePredictions, tmp_path: Path
) -> None:
    predictions = make_predictions()
    path = tmp_path / "predictions.npz"
    write_predictions(path, [predictions])
    with np.load(path) as file:
        assert set(file) == {f"some_test_{name}" for name in ARRAYS}
    (read,) = read_predictions(path, predictions.labels).values()
    for name in ARRAYS.values():
        np.testing.assert_array_equal(getattr(read, name), getattr(predictions, name))


def test_card_s_scores_are_recomputable_from_the_file(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    for split, predictions in ModelStore.default().load_predictions("tiny_a").items():
        for protocol in predictions.protocols:
            found = classification_metrics(predictions, protocol=protocol)
            assert found == card.metrics[split][protocol]


def test_optional_arrays_may_be_missing_and_half_precision_is_read(
    make_predictions: MakePredictions, tmp_path: Path
) -> None:
    predictions = make_predictions()
    path = tmp_path / "predictions.npz"
    np.savez(
        path,
        some_test_row_id=predictions.row_id.astype(np.int32),
        some_test_label=predictions.label.astype(np.uint8),
        some_test_probabilities=predictions.probabilities.astype(np.float16),
        notes=np.array([1]),
    )
    read = read_predictions(path, predictions.labels)["some_test"]
    assert read.protocols == ("plain",)
    assert read.probabilities.dtype == np.float32
    np.testing.assert_allclose(read.probabilities, predictions.probabilities, atol=1e-3)
    with pytest.raises(ValueError, match="protocol='flip'"):
        read.by("flip")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("label", None, "some_test_label"),
        ("label", np.zeros(3, np.int64), "shape"),
        ("label", np.full(60, 4), "between 0 and 3"),
        ("label", np.full(60, -1), "between 0 and 3"),
        ("probabilities", np.full((60, 5), 0.2), "shape"),
        ("probabilities", np.full((60, 4), 0.2), "sum to 1"),
        ("probabilities", np.full((60, 4), np.nan), "sum to 1"),
        ("probabilities_flip", np.tile([2.0, -1.0, 0.0, 0.0], (60, 1)), "at least 0"),
        ("has_training_twin", np.zeros(59, bool), "shape"),
    ],
)
def test_array_that_does_not_fit_is_named(
    make_predictions: MakePredictions, tmp_path: Path, name: str, value: Any, message: str
) -> None:
    predictions = make_predictions()
    arrays = {
        f"some_test_{key}": getattr(predictions, attribute) for key, attribute in ARRAYS.items()
    }
    arrays[f"some_test_{name}"] = value
    path = tmp_path / "predictions.npz"
    np.savez(path, **{key: array for key, array in arrays.items() if array is not None})
    with pytest.raises(ModelError, match=message) as caught:
        read_predictions(path, predictions.labels)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 torn"])
def test_unreadable_file_gives_a_model_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "predictions.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        read_predictions(path, ("a", "b"))


def test_rows_are_taken_from_every_array(make_predictions: MakePredictions) -> None:
    predictions = make_predictions()
    taken = predictions.take(np.array([5, 2]))
    for name in ARRAYS.values():
        np.testing.assert_array_equal(getattr(taken, name), getattr(predictions, name)[[5, 2]])
    assert len(predictions.take(predictions.label == 1)) == (predictions.label == 1).sum()


def test_table_has_a_row_per_face(make_predictions: MakePredictions) -> None:
    predictions = make_predictions(3)
    table = predictions.to_frame()
    assert list(table.columns) == [
        "row_id",
        "label",
        "predicted",
        "confidence",
        "p_angry",
        "p_happy",
        "p_sad",
        "p_neutral",
    ]
    for _, row in table.iterrows():
        assert row["confidence"] == row[f"p_{row['predicted']}"]
        assert row["confidence"] == max(row[f"p_{label}"] for label in predictions.labels)
