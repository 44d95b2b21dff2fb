from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fer_core.action_units import CKPLUS_ACTION_UNITS
from fer_core.emotions import CKPLUS
from fer_core.errors import ModelError
from fer_core.evaluation.ckplus_predictions import (
    ckplus_metrics,
    load_ckplus_predictions,
    read_ckplus_predictions,
)
from fer_core.evaluation.predictions import load_predictions
from tests.tiny_ckplus import tiny_predictions


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    predictions = tiny_predictions()
    predictions.save(tmp_path / "predictions.npz")
    read = read_ckplus_predictions(tmp_path / "predictions.npz", CKPLUS, CKPLUS_ACTION_UNITS)
    assert read.arrays().keys() == predictions.arrays().keys()
    for name, values in predictions.arrays().items():
        np.testing.assert_array_equal(read.arrays()[name], values)


def test_an_array_that_is_missing_is_named(tmp_path: Path) -> None:
    arrays = tiny_predictions().arrays()
    del arrays["ckplus_fold"]
    np.savez(tmp_path / "predictions.npz", allow_pickle=False, **arrays)
    with pytest.raises(ModelError, match="ckplus_fold"):
        read_ckplus_predictions(tmp_path / "predictions.npz", CKPLUS, CKPLUS_ACTION_UNITS)


def test_a_subject_in_two_folds_is_refused() -> None:
    predictions = tiny_predictions()
    fold = predictions.fold.copy()
    fold[0] += 1
    with pytest.raises(ValueError, match="one fold"):
        dataclasses.replace(predictions, fold=fold)


def test_a_sequence_is_the_mean_of_its_frames() -> None:
    predictions = tiny_predictions()
    sequences = predictions.by_sequence()
    assert len(sequences.emotion) * 3 == len(predictions.emotion)
    rows = predictions.sequence == sequences.sequence[4]
    np.testing.assert_allclose(
        sequences.emotion.probabilities[4],
        predictions.emotion.probabilities[rows].mean(axis=0),
        atol=1e-6,
    )
    np.testing.assert_allclose(
        sequences.action_unit_probabilities[4],
        predictions.action_unit_probabilities[rows].mean(axis=0),
        atol=1e-6,
    )


def test_scores_by_frame_and_by_sequence() -> None:
    predictions = tiny_predictions()
    metrics = ckplus_metrics(predictions)
    assert (metrics.folds, metrics.subjects, metrics.sequences) == (5, 10, 70)
    right = predictions.emotion.probabilities.argmax(axis=1) == predictions.emotion.label
    assert metrics.by_frame.emotion.accuracy.value == pytest.approx(right.mean())
    assert metrics.fold_accuracy[2] == pytest.approx(right[predictions.fold == 2].mean())
    assert metrics.by_sequence.emotion.rows == 70
    assert metrics.by_frame.high_level.accuracy.value > metrics.by_frame.emotion.accuracy.value - 1
    frame = metrics.to_frame()
    assert len(frame) == 2 * (2 + 2)
    assert set(frame["output"]) == {"emotion", "high_level", "action_units"}


@pytest.mark.usefixtures("units_models_dir")
def test_a_saved_model_gives_its_predictions_to_old_and_new_pages() -> None:
    own = load_ckplus_predictions("tiny_units")
    (split,) = load_predictions("tiny_units").values()
    assert split.split == "ckplus"
    np.testing.assert_array_equal(split.probabilities, own.emotion.probabilities)
