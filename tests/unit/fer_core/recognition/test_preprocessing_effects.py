from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from fer_core.faces.sample_faces import load_samples
from fer_core.preprocessing.preprocess import PreprocessingConfig, preprocess
from fer_core.recognition.preprocessing_effects import STEPS, deviations, preprocessing_effects
from tests.stand_ins import brightness_classifier


def test_every_model_predicts_with_every_choice_of_every_step() -> None:
    """The fake model was trained with values 0 to 1, and predicts neutral above 0.5."""
    models = {"A": brightness_classifier(), "B": brightness_classifier()}
    crop = load_samples()["happy"]
    effects = preprocessing_effects(models, crop)
    frame = effects.to_frame()
    assert len(frame) == 2 * sum(len(choices) for choices in STEPS.values())
    assert frame.loc[frame["as_trained"], "change"].eq(0).all()
    assert frame["as_trained"].sum() == 2 * len(STEPS)

    own = models["A"].card.preprocessing
    for row in frame[frame["model"] == "A"].itertuples():
        changed: dict[str, Any] = {str(row.step): row.choice}
        config = dataclasses.replace(own, **changed)
        (expected,) = models["A"].predict(preprocess(crop, config)[np.newaxis])
        assert row.predicted == models["A"].labels[expected.argmax()]
        assert row.confidence == pytest.approx(expected.max())


def test_a_step_that_changes_the_prediction_shows_it() -> None:
    crop = np.full((60, 60), 240, np.uint8)
    frame = preprocessing_effects({"A": brightness_classifier()}, crop).to_frame()
    flat = frame.query("step == 'scaling' and choice == 'standardize'").iloc[0]
    assert flat["predicted"] == "angry"  # a flat face is 0 everywhere
    assert flat["change"] == pytest.approx(0.1 / 6 - 0.9)


def test_deviations_name_the_steps_that_differ() -> None:
    trained = PreprocessingConfig(scaling="unit")
    assert deviations(trained, trained) == ()
    other = PreprocessingConfig(scaling="symmetric", denoising="median")
    assert deviations(other, trained) == ("denoising", "scaling")
