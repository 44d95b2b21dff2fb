from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.reliability.calibration import (
    calibration_scores,
    class_reliability,
    classwise_calibration,
    reliability,
    temperature_effect,
)
from fer_core.evaluation.reliability.calibration_error import calibration_error, largest_gap
from fer_core.evaluation.reliability.temperature import Calibration

PROBABILITIES = np.array(
    [[0.95, 0.05], [0.92, 0.08], [0.35, 0.65], [0.45, 0.55], [0.5, 0.5]], np.float32
)
LABEL = np.array([0, 1, 1, 0, 0])


def test_rows_fall_into_bins_of_their_confidence() -> None:
    frame = reliability(PROBABILITIES, LABEL, bins=10).to_frame()
    assert frame["count"].tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0, 2]
    top = frame.iloc[-1]
    assert (top["low"], top["high"]) == (0.9, 1.0)
    assert top["confidence"] == pytest.approx(0.935)
    assert top["accuracy"] == 0.5
    assert top["gap"] == pytest.approx(0.435)
    assert frame["accuracy"].isna().sum() == 6


def test_scores_are_what_their_definitions_say() -> None:
    scores = calibration_scores(PROBABILITIES, LABEL)
    assert scores.nll.value == pytest.approx(reference.log_loss(LABEL, PROBABILITIES), rel=1e-5)
    brier = 2 * reference.brier_score_loss(LABEL, PROBABILITIES[:, 1])
    assert scores.brier.value == pytest.approx(brier, rel=1e-5)


def test_scores_are_of_the_confidence(
    overconfident: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = overconfident
    scores = calibration_scores(probabilities, label)
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == label
    assert scores.ece == calibration_error(confidence, correct)
    assert scores.mce == largest_gap(confidence, correct)


def test_a_temperature_is_also_judged_without_duplicates() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet((0.4, 0.4, 0.4), 300).astype(np.float32)
    label, duplicate = rng.integers(0, 3, 300), rng.random(300) < 0.3
    predictions = SplitPredictions(
        "a_test",
        ("a", "b", "c"),
        np.arange(300),
        label,
        probabilities,
        has_training_duplicate=duplicate,
    )
    effect = temperature_effect(predictions, Calibration(2.0, 0.05))
    calibrated = Calibration(2.0, 0.05).apply(probabilities)
    assert effect.before == calibration_scores(probabilities, label)
    assert effect.after == calibration_scores(calibrated, label)
    others = calibration_scores(calibrated[~duplicate], label[~duplicate])
    assert effect.after_without_training_duplicates == others
    assert effect.to_frame()["ece"].iloc[2] == others.ece.percent()
    unknown = replace(predictions, has_training_duplicate=None)
    assert temperature_effect(unknown, Calibration(2.0)).after_without_training_duplicates is None


@pytest.fixture
def overconfident() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Overconfident probabilities of 500 rows and 3 classes, and the labels."""
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet((0.4, 0.4, 0.4), 500).astype(np.float32)
    return probabilities, rng.integers(0, 3, 500)


def test_a_class_is_binned_by_its_own_probability(
    overconfident: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = overconfident
    found = class_reliability(probabilities, label, 1, bins=10)
    share, mean = calibration_curve(label == 1, probabilities[:, 1].astype(float), n_bins=10)
    has_rows = found.count > 0
    np.testing.assert_allclose(found.accuracy[has_rows], share)
    np.testing.assert_allclose(found.confidence[has_rows], mean)
    assert found.count.sum() == len(label)


def test_scores_of_a_class_are_those_of_it_against_the_others(
    overconfident: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = overconfident
    table = classwise_calibration(probabilities, label, ("a", "b", "c")).to_frame()
    for index in range(3):
        row = table.iloc[index]
        truth, probability = label == index, probabilities[:, index].astype(float)
        assert row["share"] == truth.mean()
        assert row["mean_probability"] == pytest.approx(probability.mean())
        assert row["brier"] == pytest.approx(reference.brier_score_loss(truth, probability))
        assert row["nll"] == pytest.approx(reference.log_loss(truth, probability), rel=1e-6)
        own = calibration_error(probabilities[:, index], truth)
        assert (row["ece"], row["noise_floor"], row["p_value"]) == (
            own.value,
            own.noise_floor,
            own.p_value,
        )
        assert row["mce"] == largest_gap(probabilities[:, index], truth)


def test_two_classes_mirror_each_other() -> None:
    found = classwise_calibration(PROBABILITIES, LABEL, ("a", "b"))
    assert found.brier[0] == pytest.approx(found.brier[1])
    assert found.mean_error == pytest.approx(found.to_frame()["ece"].mean())
    assert found.mean_noise_floor == pytest.approx(found.to_frame()["noise_floor"].mean())
