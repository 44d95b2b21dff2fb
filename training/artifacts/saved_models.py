"""Changing the weights of a saved model and scoring it again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from fer_core.errors import DatasetError
from fer_core.evaluation import SplitPredictions
from fer_core.files import atomic_directory
from fer_core.zoo import PREDICTIONS_FILE, ModelCard, ModelStore, write_predictions
from training.artifacts.split_predictions import SELECTION_SPLIT, predict_split, splits_to_score
from training.datasets import FaceDataset, read_dataset
from training.terminal import print_notes


@contextmanager
def updated_model_folder(name: str) -> Iterator[Path]:
    """Yields a copy of a model's folder, which replaces it when the block succeeds."""
    store = ModelStore.default()
    with atomic_directory(store.folder, name, "The saved model", overwrite=True) as folder:
        for path in store.model_folder(name).iterdir():
            shutil.copyfile(path, folder / path.name)
        yield folder


def dataset_of(card: ModelCard, data: Path, ferplus: Path | None) -> FaceDataset:
    """Reads the dataset that a model was trained and evaluated on.

    Raises:
        DatasetError: its classes or the rows of its validation split differ.
    """
    dataset = read_dataset(data, ferplus)
    print_notes(dataset.notes)
    if dataset.label_names != card.labels:
        raise DatasetError(
            f"Expected the classes of {card.name}: {', '.join(card.labels)}. "
            f"Received: {', '.join(dataset.label_names)} ({dataset.name})"
        )
    scored = ModelStore.default().load_predictions(card.name)[card.protocol.selection_split]
    if not np.array_equal(scored.row_id, dataset.subset(SELECTION_SPLIT).row_id):
        raise DatasetError(
            f"Expected the dataset that {card.name} was evaluated on. Received: {data}, whose rows "
            "differ."
        )
    return dataset


def update_predictions(
    model: keras.Model, card: ModelCard, folder: Path, dataset: FaceDataset
) -> float:
    """Replaces the predictions in a model's folder.

    Returns:
        The change in accuracy on the validation split.
    """
    new = [
        predict_split(model, dataset, split, card.preprocessing)
        for split in splits_to_score(final=True)
    ]
    write_predictions(folder / PREDICTIONS_FILE, new)
    return _change(card, new[0])


def validation_accuracy_change(model: keras.Model, card: ModelCard, dataset: FaceDataset) -> float:
    """Returns how much new weights change the validation accuracy; writes nothing."""
    return _change(card, predict_split(model, dataset, SELECTION_SPLIT, card.preprocessing))


def _change(card: ModelCard, new: SplitPredictions) -> float:
    old = ModelStore.default().load_predictions(card.name)[card.protocol.selection_split]
    is_correct = new.probabilities.argmax(axis=1) == old.label
    was_correct = old.probabilities.argmax(axis=1) == old.label
    return float(is_correct.mean() - was_correct.mean())
