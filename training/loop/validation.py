"""Scores an epoch on the validation split, with the weights that would be saved."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
from numpy.typing import NDArray

from training.datasets import FaceDataset
from training.loop.trainer import Trainer
from training.networks import BatchNormEstimator, device_count
from training.run_directory import Row
from training.settings import TrainingSettings


@contextmanager
def weights_to_save(
    settings: TrainingSettings, trainer: Trainer, statistics: BatchNormEstimator
) -> Iterator[None]:
    """Swaps in the weights that would be saved, and restores the training weights afterwards.

    These are the exponential moving averages of the weights, if the optimizer keeps them, with
    batch normalization statistics of faces without augmentation under these weights.
    """
    variables = [*trainer.model.trainable_variables, *trainer.classifier.non_trainable_variables]
    learned = [keras.ops.copy(variable) for variable in variables]
    if settings.optimizer.ema_momentum is not None:
        trainable = trainer.model.trainable_variables
        trainer.optimizer.finalize_variable_values(trainable)
        # Under JAX, weights and averages would share one buffer, which `predict` donates.
        for variable in trainable:
            variable.assign(keras.ops.copy(variable))
    statistics.update(trainer.classifier)
    yield
    for variable, value in zip(variables, learned, strict=True):
        variable.assign(value)


def validate(
    classifier: keras.Model, inputs: NDArray[np.float32], dataset: FaceDataset, batch_size: int
) -> Row:
    """Loss and accuracy of a classifier, as `val_loss` and `val_accuracy`.

    Args:
        classifier: from `(n, size, size, 1)` to `(n, n_classes)` probabilities.
        inputs: `(n, size, size, 1)`, the preprocessed faces of `dataset`, in its order.
        dataset: the validation split.
        batch_size: batch size of the training; without gradients, four times as many fit.
    """
    # All batches have the same size, which devices can share: one compilation under JAX. A few
    # faces may be predicted twice.
    count = math.ceil(len(inputs) / (4 * batch_size))
    size = math.ceil(len(inputs) / (count * device_count())) * device_count()
    whole = np.resize(inputs, (count * size, *inputs.shape[1:]))
    probabilities = classifier.predict(whole, batch_size=size, verbose=0)[: len(inputs)]
    of_label = probabilities[np.arange(len(dataset.labels)), dataset.labels]
    return {
        "val_loss": float(-np.log(np.maximum(of_label, 1e-7)).mean()),
        "val_accuracy": float((probabilities.argmax(axis=1) == dataset.labels).mean()),
    }
