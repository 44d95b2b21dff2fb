"""Prediction sets of the saved models, at home and outside."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.benchmark import has_calibration_split, set_coverage, shipped_evaluations
from fer_core.evaluation.reliability import Calibration
from fer_core.paths import PROJECT
from fer_core.reports import coverage_sentence, either_of
from fer_core.zoo.store import ModelStore

STORE = ModelStore(PROJECT / "models")
CARDS = [card for card in STORE.list_models().cards if has_calibration_split(card)]


@pytest.mark.parametrize("name", [card.name for card in CARDS])
def test_the_promise_holds_at_home_and_is_measured_outside(name: str) -> None:
    card = STORE.load_scored_card(name)
    found = set_coverage(card, STORE.load_predictions(name), shipped_evaluations(), 0.9)
    assert found.home.coverage.high > 0.9
    for expected, scores in zip(
        found.sets.expected_coverage(), found.home.class_coverage, strict=True
    ):
        if expected is not None and scores is not None:
            assert scores.high >= expected.low
    assert set(found.outside) == {"CK+48", "JAFFE", "muxspace"}
    sentence = coverage_sentence(found, "the test split")
    assert "does not reach 90% on" in sentence
    assert "muxspace" in sentence


def test_models_of_ck_plus_have_no_calibration_split() -> None:
    without = [card.name for card in STORE.list_models().cards if not has_calibration_split(card)]
    assert without == ["ckplus_cnn", "ckplus_resnet50"]


def test_sets_are_read_aloud() -> None:
    assert either_of(["happy"]) == "happy"
    assert either_of(["angry", "disgust", "fear"]) == "angry, disgust or fear"


@pytest.mark.parametrize("smoothing", [0.0, 0.14])
def test_a_calibration_can_be_undone(smoothing: float) -> None:
    rng = np.random.default_rng(0)
    raw = rng.dirichlet(np.ones(7), 200).astype(np.float32)
    raw = (1 - smoothing) * raw + np.float32(smoothing / 7)
    calibration = Calibration(1.4, smoothing)
    np.testing.assert_allclose(calibration.undo(calibration.apply(raw)), raw, atol=2e-3)
    assert Calibration(None).undo(raw) is raw
