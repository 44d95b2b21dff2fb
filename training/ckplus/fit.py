"""Trains once on some of the rows, from the pretrained weights to the last epoch."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.preprocessing import PreprocessingConfig, preprocess_batch
from training.ckplus.losses import (
    ACTION_UNITS,
    EMOTION,
    PositiveWeightedCrossentropy,
    positive_weights,
    row_weights,
    targets,
)
from training.ckplus.model import freeze_convolutions
from training.ckplus.settings import CkPlusSettings
from training.datasets.ckplus import CkPlusDataset
from training.input_pipeline import build_augmentation
from training.loop import build_optimizer
from training.networks import BatchNormEstimator, with_fast_kernels
from training.run_directory import Checkpoint, Row

Rows = NDArray[np.int64]
"""Positions in a dataset."""


def fit(
    settings: CkPlusSettings,
    model: keras.Model,
    preprocessing: PreprocessingConfig,
    dataset: CkPlusDataset,
    *,
    learned: Rows,
    held_out: Rows | None,
    seed: int,
) -> Checkpoint:
    """Trains a copy of `model` for all epochs.

    Args:
        settings: settings of the run.
        model: with the initial weights; not modified.
        preprocessing: the model's preprocessing.
        dataset: all of CK+.
        learned: rows to train on.
        held_out: rows that are scored after each epoch but decide nothing; None for none.
        seed: seed of order, augmentation and dropout.

    Returns:
        The last epoch's weights, in the order of `model`, and one row per epoch. Without held-out
        rows, these have no `val_loss` and no `val_accuracy`.
    """
    keras.utils.set_random_seed(seed)
    network = with_fast_kernels(model, precision=settings.precision)
    network.set_weights(model.get_weights())
    freeze_convolutions(network, settings.model.frozen_convolutions)
    trainer = _compile(settings, network, dataset, learned)

    def data(rows: Rows) -> tuple[Any, ...]:
        faces = preprocess_batch(dataset.images[rows], preprocessing)
        weights = row_weights(dataset, rows, settings.losses, learned)
        return faces, targets(dataset, rows), weights

    faces, truth, weights = data(learned)
    clock = EpochClock()
    fitted = trainer.fit(
        faces,
        truth,
        sample_weight=weights,
        validation_data=None if held_out is None else data(held_out),
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        verbose=0,
        callbacks=[clock],
    )
    BatchNormEstimator(network, dataset.images[learned], preprocessing).update(network)
    return Checkpoint(network.get_weights(), [], _rows(fitted.history, clock))


def _compile(
    settings: CkPlusSettings, network: keras.Model, dataset: CkPlusDataset, learned: Rows
) -> keras.Model:
    x = faces = keras.Input(network.input_shape[1:], dtype="float32")
    for layer in build_augmentation(settings.augmentation, seed=settings.seed):
        x = layer(x)
    emotion, action_units = network(x)
    trainer = keras.Model(faces, {EMOTION: emotion, ACTION_UNITS: action_units})
    positive = positive_weights(dataset.action_units[learned], settings.losses)
    trainer.compile(
        optimizer=build_optimizer(
            settings.optimizer,
            settings.schedule,
            steps_per_epoch=-(-len(learned) // settings.batch_size),
        ),
        loss={
            EMOTION: keras.losses.CategoricalCrossentropy(
                label_smoothing=settings.losses.label_smoothing
            ),
            ACTION_UNITS: PositiveWeightedCrossentropy(positive),
        },
        loss_weights={
            EMOTION: settings.losses.emotion,
            ACTION_UNITS: settings.losses.action_units,
        },
        metrics={EMOTION: [keras.metrics.CategoricalAccuracy(name="accuracy")]},
        # XLA makes convolutions several times slower under TensorFlow on a CPU.
        jit_compile=keras.backend.backend() == "jax",
    )
    return trainer


class EpochClock(keras.callbacks.Callback):  # type: ignore[misc]
    """Records how long each epoch took and the learning rate at its start."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self.learning_rates: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Records the learning rate of the epoch's first step."""
        self._started = time.perf_counter()
        rate = keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        self.learning_rates.append(float(rate))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Records the time since the epoch began, validation included."""
        self.seconds.append(time.perf_counter() - self._started)


def _rows(logs: dict[str, list[float]], clock: EpochClock) -> list[Row]:
    columns = {
        "loss": "loss",
        "accuracy": f"{EMOTION}_accuracy",
        "val_loss": "val_loss",
        "val_accuracy": f"val_{EMOTION}_accuracy",
    }
    return [
        {
            "epoch": float(epoch + 1),
            **{name: float(logs[key][epoch]) for name, key in columns.items() if key in logs},
            "learning_rate": clock.learning_rates[epoch],
            "seconds": clock.seconds[epoch],
        }
        for epoch in range(len(clock.seconds))
    ]
