from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.zoo.card_parts import Training
from fer_core.zoo.store import ModelStore
from fer_core.zoo.training_recipe import epochs_run, started_from, teachers


@pytest.fixture
def training() -> Training:
    found = ModelStore(Path(__file__).resolve().parents[4] / "models").load_card("cnn").training
    assert found is not None
    return found


def changed(training: Training, **recipe: object) -> Training:
    return Training.model_validate(training.model_dump() | {"recipe": recipe})


def test_a_recipe_without_teachers_starts_from_random_weights(training: Training) -> None:
    plain = changed(training, model={"name": "a"}, distillation=None)
    assert (started_from(plain), teachers(plain)) == ("random weights", ())
    assert epochs_run(plain) == str(training.epochs)


def test_teachers_and_first_weights_are_named_without_their_folders(training: Training) -> None:
    taught = changed(
        training,
        model={"pretrained": "cnn"},
        distillation={"teachers": ["../cnn", "vgg19"]},
        schedule={"epochs": training.epochs + 8},
    )
    assert started_from(taught) == "weights of cnn"
    assert teachers(taught) == ("cnn", "vgg19")
    assert epochs_run(taught) == f"{training.epochs} of {training.epochs + 8}"
