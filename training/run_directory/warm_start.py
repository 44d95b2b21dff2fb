"""Initial weights from a saved model, for fine-tuning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import keras
from numpy.typing import NDArray
from pydantic import JsonValue

from fer_core.zoo import ModelStore
from training.datasets import FaceDataset
from training.run_directory.checkpoints import atomic_write_in_run
from training.settings import SettingsError, TrainingSettings

PRETRAINED_FILE: Final = "pretrained.json"

Weights = list[NDArray[Any]]


def load_pretrained(
    settings: TrainingSettings, run_dir: Path, dataset: FaceDataset
) -> Weights | None:
    """Reads the pretrained weights and records their checksum in the run directory.

    Returns:
        The weights in Keras's order; None if the settings name no model.

    Raises:
        SettingsError: that model's architecture, classes or preprocessing differ from the run's.
        ModelError: the model does not exist or is damaged.
    """
    name = settings.model.pretrained
    if name is None:
        return None
    store = ModelStore.default()
    card = store.load_scored_card(name)
    ours = {
        "architecture": settings.model.architecture,
        "labels": dataset.label_names,
        "preprocessing": settings.preprocessing.to_config(settings.image_size),
    }
    for what, expected in ours.items():
        if (found := getattr(card, what)) != expected:
            raise SettingsError(
                f"pretrained: {name} has {what} {found}, but this run has {expected}."
            )
    network = keras.models.load_model(store.verified_weights(name), compile=False)
    weights: Weights = network.get_weights()
    with atomic_write_in_run(run_dir / PRETRAINED_FILE) as file:
        file.write((json.dumps({"name": name, "sha256": card.weights.sha256}) + "\n").encode())
    return weights


def load_initial_weights(weights: Weights, classifier: keras.Model) -> None:
    """Sets the weights of a newly built classifier to those of a saved one.

    Raises:
        SettingsError: they do not fit, for example because the widths differ.
    """
    shapes = [tuple(array.shape) for array in weights]
    expected = [array.shape for array in classifier.get_weights()]
    if shapes != expected:
        raise SettingsError(
            "pretrained: the saved model's layers or widths differ from this run's network."
        )
    classifier.set_weights(weights)


def pretrained_file(run_dir: Path) -> dict[str, JsonValue]:
    """Returns name and checksum of a run's pretrained model."""
    noted: dict[str, JsonValue] = json.loads((run_dir / PRETRAINED_FILE).read_text("utf-8"))
    return noted
