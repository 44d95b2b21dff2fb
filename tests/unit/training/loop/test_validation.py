from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import tiny_settings
from training.loop.validation import validate
from training.run_directory.checkpoints import Checkpoint
from training.run_directory.layout import BEST_CHECKPOINT, LAST_CHECKPOINT
from training.train import train


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_every_face_counts_once_whatever_the_batches(batch_size: int) -> None:
    dataset = tiny_dataset({"train": 0, "valid": 3, "test": 0})
    inputs = (dataset.images[..., None] / 255).astype(np.float32)
    keras.utils.set_random_seed(1)
    flat = keras.layers.Flatten()
    classifier = keras.Sequential([flat, keras.layers.Dense(7, activation="softmax")])
    probabilities = classifier.predict(inputs, verbose=0)
    right = probabilities.argmax(axis=1) == dataset.labels
    of_label = probabilities[np.arange(21), dataset.labels]
    row = validate(classifier, inputs, dataset, batch_size)
    assert row["val_accuracy"] == right.mean()
    assert row["val_loss"] == pytest.approx(-np.log(of_label).mean(), rel=1e-5)


@pytest.mark.slow
def test_averaged_weights_are_saved_and_do_not_affect_training(tmp_path: Path) -> None:
    runs = {momentum: tmp_path / str(momentum) for momentum in (None, 0.9)}
    for momentum, run in runs.items():
        train(
            tiny_settings(optimizer={"ema_momentum": momentum}), tiny_dataset(), run, resume=False
        )
    plain, averaged = (Checkpoint.load(run / LAST_CHECKPOINT) for run in runs.values())
    for a, b in zip(plain.weights, averaged.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    shipped = [Checkpoint.load(run / BEST_CHECKPOINT).weights for run in runs.values()]
    assert any(not np.array_equal(a, b) for a, b in zip(*shipped, strict=True))
