from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from fer_core.evaluation.calibration import calibration_scores, reliability

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
