from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.scores.ckplus_predictions import ckplus_metrics
from fer_core.evaluation.scores.classification import classification_metrics
from fer_core.labels.action_units import CKPLUS_ACTION_UNITS
from fer_core.labels.emotions import CKPLUS
from fer_core.zoo.artifacts import read_ckplus_predictions, write_ckplus_predictions
from fer_core.zoo.store import ModelStore
from tests.tiny_ckplus import tiny_predictions


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    predictions = tiny_predictions()
    write_ckplus_predictions(tmp_path / "predictions.npz", predictions)
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


def test_scores_are_of_one_prediction_per_sequence() -> None:
    predictions = tiny_predictions()
    metrics = ckplus_metrics(predictions)
    assert (metrics.folds, metrics.subjects, metrics.sequences) == (5, 10, 70)
    sequences = predictions.by_sequence()
    correct = sequences.emotion.probabilities.argmax(axis=1) == sequences.emotion.label
    assert metrics.by_sequence.emotion.rows == 70
    assert metrics.by_sequence.emotion.accuracy.value == pytest.approx(correct.mean())
    assert metrics.fold_accuracy[2] == pytest.approx(correct[sequences.fold == 2].mean())
    frame = metrics.to_frame()
    assert set(frame["output"]) == {"emotion", "high_level", "action_units"}
    assert set(frame["predictor"]) == {"model", "most frequent class", "all absent", "prevalence"}


def test_baselines_are_the_scores_of_predictions_that_ignore_the_face() -> None:
    sequences = tiny_predictions().by_sequence()
    units, label = sequences.action_units, sequences.emotion.label
    baselines = ckplus_metrics(sequences).baselines
    assert baselines.emotion.accuracy.value == pytest.approx(np.bincount(label).max() / len(label))
    frequent = np.bincount(sequences.high_level).max() / len(label)
    assert baselines.high_level.accuracy.value == pytest.approx(frequent)
    absent, prevalence = baselines.all_absent.macro_all_units, baselines.prevalence.macro_all_units
    assert absent.accuracy == pytest.approx((units == 0).mean())
    assert (absent.recall, absent.f1, absent.roc_auc) == (0, 0, 0.5)
    share = units.mean(axis=0)
    assert prevalence.accuracy == pytest.approx(np.maximum(share, 1 - share).mean())
    assert prevalence.roc_auc == 0.5
    pooled = baselines.prevalence.micro_all_units.roc_auc
    assert pooled is not None
    assert pooled > 0.5  # tells units apart, not faces


@pytest.mark.usefixtures("units_models_dir")
def test_every_reader_of_a_saved_model_gets_the_scores_of_its_card() -> None:
    card = ModelStore.default().load_scored_card("tiny_units")
    (split,) = ModelStore.default().load_predictions("tiny_units").values()
    sequences = ModelStore.default().load_ckplus_predictions("tiny_units").by_sequence()
    assert split.split == "ckplus"
    np.testing.assert_array_equal(split.probabilities, sequences.emotion.probabilities)
    np.testing.assert_array_equal(split.subject, sequences.subject)
    assert classification_metrics(split) == card.reported
    assert card.ckplus is not None
    assert card.ckplus.by_sequence.emotion == card.reported


@pytest.mark.parametrize("name", ["ckplus_cnn", "ckplus_resnet50"])
def test_the_cards_of_the_saved_models_state_one_figure(name: str) -> None:
    card = ModelStore.default().load_scored_card(name)
    assert card.ckplus is not None
    assert card.reported.rows == card.ckplus.sequences == 327
    assert card.ckplus.by_sequence.emotion == card.reported
    units = card.ckplus.by_sequence.action_units
    assert units.rare_units == ("AU11",)
    assert units.macro is not None
    assert units.macro_all_units.f1 == pytest.approx(units.macro.f1 * 14 / 15)


def test_sequences_that_do_not_fit_the_rows_are_refused() -> None:
    predictions = tiny_predictions()
    with pytest.raises(ValueError, match="ckplus_sequence must have the shape"):
        predictions.emotion.by_sequence(predictions.sequence[1:])
