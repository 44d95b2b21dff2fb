"""The faces of one epoch, shuffled, mixed and weighed, in batches."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.augmentation import mixup

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class EpochBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """One epoch of training batches, fully determined by `(seed, epoch)`.

    Args:
        inputs: scaled faces, `(n, side, side, 1)` float32.
        targets: distributions over the classes, `(n, n_classes)` float32.
        class_weights: `(n_classes,)` float32; a face's weight is their mean under its target.
        batch_size: faces a batch; what is left over at the end waits for the next epoch's shuffle.
        mixup_alpha: 0 for no mixing.
        seed: of the run.
        epoch: from 0.
    """

    def __init__(
        self,
        inputs: NDArray[np.float32],
        targets: NDArray[np.float32],
        *,
        class_weights: NDArray[np.float32],
        batch_size: int,
        mixup_alpha: float,
        seed: int,
        epoch: int,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._inputs = inputs
        self._targets = targets
        self._class_weights = class_weights
        self._batch_size = min(batch_size, len(inputs))
        self._mixup_alpha = mixup_alpha
        self._seed = (seed, epoch)
        self._order = np.random.default_rng(self._seed).permutation(len(inputs))

    def __len__(self) -> int:
        return len(self._inputs) // self._batch_size

    def __getitem__(self, index: int) -> Batch:
        start = index * self._batch_size
        chosen = self._order[start : start + self._batch_size]
        inputs, targets = self._inputs[chosen], self._targets[chosen]
        if self._mixup_alpha:
            rng = np.random.default_rng((*self._seed, index))
            inputs, targets = mixup(inputs, targets, alpha=self._mixup_alpha, rng=rng)
        return inputs, targets, targets @ self._class_weights


def class_weights(targets: NDArray[np.float32], kind: str) -> NDArray[np.float32]:
    """Weights that favour rare classes, of mean 1 over the faces.

    Args:
        targets: `(n, n_classes)` distributions.
        kind: `none`, `balanced` (inverse frequency) or `sqrt` (its square root).
    """
    frequency = targets.mean(axis=0)
    exponent = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[kind]
    weights = np.where(frequency > 0, np.maximum(frequency, 1e-12) ** -exponent, 0.0)
    return np.asarray(weights / (weights @ frequency), np.float32)
