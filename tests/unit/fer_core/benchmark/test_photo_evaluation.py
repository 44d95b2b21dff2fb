"""The result of an evaluation: photos without a prediction are errors, classes are matched."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from fer_core.benchmark import EvaluationEntry, LabeledRows, PhotoEvaluation


def photos() -> LabeledRows:
    return LabeledRows(
        id=("a.jpg", "b.jpg", "c.jpg", "d.jpg"),
        labels=("happy", "contempt", "sad"),
        label=np.array([0, 2, 1, 2]),
        columns={"site": np.array(["x", "y", "x", "y"])},
    )


def entry() -> EvaluationEntry:
    return EvaluationEntry(
        name="model",
        title="Model",
        kind="model",
        labels=("sad", "happy"),
        row=np.array([0, 2]),
        probabilities=np.array([[0.2, 0.8], [0.9, 0.1]], np.float32),
        reasons=np.array(["", "no face", ""]),
        faces="YuNet",
    )


def evaluation() -> PhotoEvaluation:
    return PhotoEvaluation(
        name="mine",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        photos=photos().of_classes(("sad", "happy")),
        entries={"model": entry()},
    )


def test_rows_of_other_classes_are_left_out() -> None:
    kept = photos().of_classes(("sad", "happy"))
    assert kept.id == ("a.jpg", "b.jpg", "d.jpg")
    assert [kept.labels[label] for label in kept.label] == ["happy", "sad", "sad"]
    assert kept.columns["site"].tolist() == ["x", "y", "y"]


def test_a_photo_without_a_prediction_is_an_error() -> None:
    assert evaluation().is_correct("model").tolist() == [True, False, True]


def test_predictions_are_in_the_order_of_the_models_classes() -> None:
    predictions = evaluation().predictions("model")
    assert predictions.label.tolist() == [1, 0]
    assert predictions.row_id.tolist() == [0, 2]


def test_a_class_that_an_entry_cannot_predict_is_an_error() -> None:
    whole = photos()
    with pytest.raises(ValueError, match="cannot predict contempt"):
        PhotoEvaluation("mine", datetime.now(UTC), whole.of_classes(whole.labels), {"m": _of(4)})


def _of(rows: int) -> EvaluationEntry:
    reasons = np.array(["", "no face", "", "no face"][:rows])
    return EvaluationEntry(
        "m", "M", "model", ("sad", "happy"), entry().row, entry().probabilities, reasons, "YuNet"
    )


def test_a_photo_has_either_a_prediction_or_a_reason() -> None:
    with pytest.raises(ValueError, match="either one prediction or a reason"):
        EvaluationEntry(
            "m", "M", "model", ("sad", "happy"), entry().row, entry().probabilities,
            np.array(["", "", ""]), "YuNet",
        )  # fmt: skip
