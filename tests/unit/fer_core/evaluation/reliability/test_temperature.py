from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from fer_core.evaluation.reliability.temperature import Calibration


def test_temperature_divides_the_logits() -> None:
    logits = np.random.default_rng(0).normal(0, 4, (50, 7))
    probabilities = softmax(logits, axis=1).astype(np.float32)
    for temperature in (0.5, 1.0, 3.0):
        np.testing.assert_allclose(
            Calibration(temperature).apply(probabilities),
            softmax(logits / temperature, axis=1),
            atol=1e-5,
        )


def test_temperature_accepts_certain_predictions_and_no_rows() -> None:
    certain = np.array([[1.0, 0.0, 0.0]], np.float32)
    np.testing.assert_allclose(Calibration(0.1).apply(certain), certain, atol=1e-6)
    assert Calibration(2.0).apply(np.empty((0, 3), np.float32)).shape == (0, 3)


def test_without_a_temperature_probabilities_stay_as_they_are() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1]], np.float32)
    assert Calibration(label_smoothing=0.1).apply(probabilities) is probabilities


def test_fitted_temperature_recovers_the_one_applied() -> None:
    rng = np.random.default_rng(0)
    honest = softmax(rng.normal(size=(20_000, 5)), axis=1).astype(np.float32)
    label = (rng.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(0, 4)
    for temperature in (0.5, 1.0, 2.0):
        sharpened = Calibration(1 / temperature).apply(honest)
        fitted = Calibration.fit(sharpened, label)
        assert fitted.temperature == pytest.approx(temperature, rel=0.06)
        assert fitted.label_smoothing <= 0.01


def test_smoothing_of_labels_is_found_and_taken_out() -> None:
    rng = np.random.default_rng(0)
    honest = softmax(rng.normal(0, 3, (20_000, 5)), axis=1).astype(np.float32)
    label = (rng.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(0, 4)
    smoothed = np.float32(0.9) * honest + np.float32(0.1 / 5)
    fitted = Calibration.fit(smoothed, label)
    assert fitted.label_smoothing == pytest.approx(0.1, abs=0.015)
    calibrated = fitted.apply(smoothed)
    assert np.abs(calibrated - honest).mean() < 0.01
    assert (calibrated.argsort(axis=1) == smoothed.argsort(axis=1)).mean() > 0.999


def test_smoothing_that_a_few_rows_ask_for_is_not_taken_out() -> None:
    """Its likelihood rests on rows whose true class was given almost nothing."""
    rng = np.random.default_rng(0)
    honest = softmax(rng.normal(0, 2, (2000, 5)), axis=1).astype(np.float32)
    label = (rng.random((2000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(0, 4)
    share = np.where(rng.random((2000, 1)) < 0.02, 0.3, 0).astype(np.float32)
    assert Calibration.fit((1 - share) * honest + share / 5, label).label_smoothing == 0
