"""What a card tells about a training, and the commands in a model's README that repeat it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fer_core.zoo.cards import ModelCard, Training
from fer_core.zoo.store import ModelStore
from fer_core.zoo.training_recipe import (
    epochs_run,
    initial_weights,
    reproduction_commands,
    teachers,
)
from tests.scored_cards import read_scored_card
from training.publishing.model_readme import render_readme

CONFIG = "training/configs/cnn.toml"


@pytest.fixture
def training() -> Training:
    store = ModelStore(Path(__file__).resolve().parents[4] / "models")
    found = store.load_scored_card("cnn").training
    assert found is not None
    return found


def changed(training: Training, **recipe: object) -> Training:
    return Training.model_validate(training.model_dump() | {"recipe": recipe})


def test_a_recipe_without_teachers_starts_from_random_weights(training: Training) -> None:
    plain = changed(training, model={"name": "a"}, distillation=None)
    assert (initial_weights(plain), teachers(plain)) == ("random weights", ())
    assert epochs_run(plain) == str(training.epochs)


def test_teachers_and_first_weights_are_named_without_their_folders(training: Training) -> None:
    taught = changed(
        training,
        model={"pretrained": "cnn"},
        distillation={"teachers": ["../cnn", "vgg19"]},
        schedule={"epochs": training.epochs + 8},
    )
    assert initial_weights(taught) == "weights of cnn"
    assert teachers(taught) == ("cnn", "vgg19")
    assert epochs_run(taught) == f"{training.epochs} of {training.epochs + 8}"


@pytest.fixture
def card(tiny_units_dir: Path) -> ModelCard:
    return made_with(read_scored_card(tiny_units_dir / "tiny_a" / "card.json"))


def made_with(card: ModelCard, dataset: str = "FER2013", **recipe: Any) -> ModelCard:
    assert card.training is not None
    training = card.training.model_copy(update={"config": CONFIG, "recipe": recipe})
    protocol = card.protocol.model_copy(update={"dataset": dataset})
    return card.model_copy(update={"training": training, "protocol": protocol})


def test_a_model_is_trained_and_exported(card: ModelCard) -> None:
    train, export = reproduction_commands(card)
    assert train == f"python -m training.train --config {CONFIG} --data data/fer2013.csv"
    expected = "python -m training.export --run runs/tiny_a --data data/fer2013.csv --overwrite"
    assert export == f"{expected} --final"
    weights = card.weights.model_copy(update={"mantissa_bits": 2})
    _, lighter = reproduction_commands(card.model_copy(update={"weights": weights}))
    assert lighter == export.replace("--overwrite", "--mantissa-bits 2 --overwrite")


def test_votes_are_named_where_they_are_needed(card: ModelCard) -> None:
    assert all(
        "--ferplus data/ferplus" in line for line in reproduction_commands(made_with(card, "FER+"))
    )
    train, export = reproduction_commands(made_with(card, extra_votes={"weight": 0.5}))
    assert "--ferplus data/ferplus" in train
    assert "--ferplus" not in export


def test_action_units_have_commands_of_their_own(tiny_units_dir: Path) -> None:
    units = made_with(read_scored_card(tiny_units_dir / "tiny_units" / "card.json"), "CK+")
    train, export = reproduction_commands(units)
    assert train == f"python -m training.ckplus --config {CONFIG} --data data/ckplus"
    expected = "python -m training.ckplus.export --run runs/tiny_units --data data/ckplus"
    assert export == f"{expected} --overwrite"


def test_the_readme_names_what_must_be_there_first(card: ModelCard) -> None:
    teachers = {"teachers": ["cnn", "../vgg19"]}
    readme = render_readme(made_with(card, distillation=teachers))
    assert "Needs [cnn](../cnn/README.md), `runs/vgg19` first." in readme
    assert "first.\n" not in render_readme(card)
    assert "[cnn](../cnn/README.md)" in render_readme(made_with(card, model={"pretrained": "cnn"}))


def test_nothing_is_promised_of_a_config_from_elsewhere(tiny_units_dir: Path) -> None:
    readme = render_readme(read_scored_card(tiny_units_dir / "tiny_a" / "card.json"))
    assert "Reproduce it" not in readme
