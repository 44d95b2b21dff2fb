from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from fer_core.evaluation.calibration import (
    calibration_scores,
    class_reliability,
    classwise_calibration,
    reliability,
)

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
    scores = calibration_scores(PROBABILITIES, LABEL, bins=10)
    gaps = np.array([0.5 - 1, 0.55 - 0, 0.65 - 1, 0.935 - 0.5])
    assert scores.ece.value == pytest.approx((np.array([1, 1, 1, 2]) * np.abs(gaps)).sum() / 5)
    assert scores.mce == pytest.approx(0.55)
    assert scores.nll.value == pytest.approx(reference.log_loss(LABEL, PROBABILITIES), rel=1e-5)
    brier = 2 * reference.brier_score_loss(LABEL, PROBABILITIES[:, 1])
    assert scores.brier.value == pytest.approx(brier, rel=1e-5)


def test_answers_drawn_from_their_own_probabilities_are_calibrated() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet((1, 1, 1), 8000).astype(np.float32)
    label = (rng.random((8000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    scores = calibration_scores(probabilities, label)
    assert scores.ece.value < 0.02
    assert scores.ece.low < scores.ece.value < scores.ece.high
    certain = np.eye(3, dtype=np.float32)[probabilities.argmax(axis=1)]
    assert calibration_scores(certain, label).ece.value > 0.3


@pytest.mark.parametrize("seed", range(5))
def test_the_error_of_a_calibrated_model_lies_within_its_interval(seed: int) -> None:
    """Where it is mere chance, resampling as such gives larger errors alone."""
    rng = np.random.default_rng(seed)
    sure = rng.uniform(0.5, 1, 1000)
    probabilities = np.stack([sure, 1 - sure], axis=1).astype(np.float32)
    ece = calibration_scores(probabilities, (rng.random(1000) > sure).astype(np.int64)).ece
    assert 0 <= ece.low < ece.value < ece.high


@pytest.fixture
def answers() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Answers for 500 rows and 3 classes, surer than they should be."""
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet((0.4, 0.4, 0.4), 500).astype(np.float32)
    return probabilities, rng.integers(0, 3, 500)


def test_errors_are_those_of_a_loop_over_rows(
    answers: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = answers
    gaps, sizes = [], []
    for low in range(15):
        rows = [
            (float(row.max()), float(row.argmax() == true))
            for row, true in zip(probabilities, label, strict=True)
            if low / 15 < row.max() <= (low + 1) / 15
        ]
        if rows:
            confidences, rights = zip(*rows, strict=True)
            gaps.append(abs(sum(confidences) - sum(rights)) / len(rows))
            sizes.append(len(rows))
    found = reliability(probabilities, label)
    assert found.expected_error == pytest.approx(np.average(gaps, weights=sizes))
    assert found.largest_error == pytest.approx(max(gaps))
    scores = calibration_scores(probabilities, label)
    assert (scores.ece.value, scores.mce) == pytest.approx((found.expected_error, max(gaps)))


def test_a_class_is_binned_by_its_own_probability(
    answers: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = answers
    found = class_reliability(probabilities, label, 1, bins=10)
    share, mean = calibration_curve(label == 1, probabilities[:, 1].astype(float), n_bins=10)
    has_rows = found.count > 0
    np.testing.assert_allclose(found.accuracy[has_rows], share)
    np.testing.assert_allclose(found.confidence[has_rows], mean)
    assert found.count.sum() == len(label)


def test_scores_of_a_class_are_those_of_it_against_the_others(
    answers: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = answers
    table = classwise_calibration(probabilities, label, ("a", "b", "c")).to_frame()
    for index in range(3):
        row = table.iloc[index]
        truth, probability = label == index, probabilities[:, index].astype(float)
        assert row["share"] == truth.mean()
        assert row["mean_probability"] == pytest.approx(probability.mean())
        assert row["brier"] == pytest.approx(reference.brier_score_loss(truth, probability))
        assert row["nll"] == pytest.approx(reference.log_loss(truth, probability), rel=1e-6)
        own = class_reliability(probabilities, label, index)
        assert (row["ece"], row["mce"]) == (own.expected_error, own.largest_error)


def test_two_classes_mirror_each_other() -> None:
    found = classwise_calibration(PROBABILITIES, LABEL, ("a", "b"))
    assert found.brier[0] == pytest.approx(found.brier[1])
    assert found.mean_error == pytest.approx(found.ece.mean())
