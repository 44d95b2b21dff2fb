from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from fer_core.faces.sample_faces import load_samples
from fer_core.preprocessing.preprocess import PreprocessingConfig, preprocess
from fer_core.recognition.preprocessing_effects import (
    STEPS,
    choices_of,
    deviations,
    preprocessing_effects,
    with_steps,
)
from tests.stand_ins import brightness_classifier

IMAGENET = PreprocessingConfig(
    color="bgr",
    scaling="channels",
    mean=(0.406, 0.456, 0.485),
    deviation=(0.225, 0.224, 0.229),
)


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


@pytest.mark.parametrize("own", [IMAGENET, PreprocessingConfig(scaling="none")], ids=str)
def test_a_model_from_elsewhere_has_its_own_scaling_among_the_choices(
    own: PreprocessingConfig,
) -> None:
    models = {"A": brightness_classifier(), "B": brightness_classifier(preprocessing=own)}
    frame = preprocessing_effects(models, load_samples()["happy"]).to_frame()
    assert frame["model"].value_counts().to_dict() == {"A": 10, "B": 11}
    assert frame.groupby("model")["as_trained"].sum().to_dict() == {"A": 3, "B": 3}
    assert frame.query("as_trained and model == 'B'")["choice"].iloc[-1] == own.scaling
    assert frame.loc[frame["as_trained"], "change"].eq(0).all()


def test_another_scaling_leaves_the_numbers_per_channel_out() -> None:
    assert choices_of("scaling", IMAGENET)[-1] == "channels"
    assert with_steps(IMAGENET, denoising="median").mean == IMAGENET.mean
    unit = PreprocessingConfig(color="bgr", scaling="unit")
    assert with_steps(IMAGENET, scaling="unit") == unit
