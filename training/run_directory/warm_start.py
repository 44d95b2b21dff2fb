"""The saved model whose weights a training begins with, instead of random ones."""

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
    """Reads the weights that the settings name and notes their checksum in the run directory.

    Returns:
        The weights in Keras's order; None where the settings name no model.

    Raises:
        SettingsError: that model is another network, knows other classes than `dataset`, or takes
            faces that are prepared in another way.
        ModelError: there is no such model, or it is damaged.
    """
    name = settings.model.pretrained
    if name is None:
        return None
    store = ModelStore.default()
    card = store.load_card(name)
    ours = {
        "architecture": settings.model.architecture,
        "labels": dataset.label_names,
        "preprocessing": settings.preprocessing.to_config(settings.image_size),
    }
    for what, expected in ours.items():
        if (found := getattr(card, what)) != expected:
            raise SettingsError(f"pretrained: {name} has {what} {found}, this run has {expected}.")
    network = keras.models.load_model(store.verified_weights(name), compile=False)
    weights: Weights = network.get_weights()
    with atomic_write_in_run(run_dir / PRETRAINED_FILE) as file:
        file.write((json.dumps({"name": name, "sha256": card.weights.sha256}) + "\n").encode())
    return weights


def load_initial_weights(weights: Weights, classifier: keras.Model) -> None:
    """Gives a freshly built classifier the weights of a saved one.

    Raises:
        SettingsError: they do not fit, as with other widths.
    """
    shapes = [tuple(array.shape) for array in weights]
    expected = [array.shape for array in classifier.get_weights()]
    if shapes != expected:
        raise SettingsError(
            "pretrained: the saved model has other layers or widths than this run's network."
        )
    classifier.set_weights(weights)


def pretrained_file(run_dir: Path) -> dict[str, JsonValue]:
    """Returns name and checksum of the model that a run with a pretrained one began with."""
    noted: dict[str, JsonValue] = json.loads((run_dir / PRETRAINED_FILE).read_text("utf-8"))
    return noted
