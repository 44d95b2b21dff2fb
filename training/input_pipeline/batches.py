"""The faces of one epoch in batches: shuffled, mixed and weighted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.input_pipeline.augmentation import draw_mixing, mixup

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class EpochBatches:
    """One epoch of training batches, fully determined by the order and `(seed, epoch)`.

    Args:
        inputs: scaled faces, `(n, side, side, 1)` float32.
        targets: distributions over the classes, `(n, n_classes)` float32.
        order: the faces of the epoch, `(length,)` indices; see `epoch_order`.
        class_weights: `(n_classes,)` float32; a face's weight is their mean under its target.
        batch_size: faces per batch; an incomplete last batch is dropped.
        mixup_alpha: 0 for no mixup.
        seed: seed of the run.
        epoch: 0-based epoch.
    """

    def __init__(
        self,
        inputs: NDArray[np.float32],
        targets: NDArray[np.float32],
        *,
        order: NDArray[np.int64],
        class_weights: NDArray[np.float32],
        batch_size: int,
        mixup_alpha: float,
        seed: int,
        epoch: int,
    ) -> None:
        self.inputs = inputs
        self.targets = targets
        self.class_weights = class_weights
        self._order = order
        self._batch_size = min(batch_size, len(order))
        self._mixup_alpha = mixup_alpha
        self._seed = (seed, epoch)

    def __len__(self) -> int:
        return len(self._order) // self._batch_size

    def __getitem__(self, index: int) -> Batch:
        chosen, share, partner = self.plan(index)
        inputs, targets = self.inputs[chosen], self.targets[chosen]
        if self._mixup_alpha:
            inputs, targets = mixup(inputs, share, partner), mixup(targets, share, partner)
        return inputs, targets, targets @ self.class_weights

    def plan(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        """The faces of a batch, each face's own share in the mixup, and its partner.

        Args:
            index: 0-based index of the batch.

        Returns:
            Rows of `inputs`, then the result of `training.input_pipeline.augmentation.draw_mixing`.
        """
        start = index * self._batch_size
        chosen = self._order[start : start + self._batch_size]
        rng = np.random.default_rng((*self._seed, index))
        return chosen, *draw_mixing(len(chosen), alpha=self._mixup_alpha, rng=rng)


def epoch_order(n_faces: int, *, length: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The faces of one epoch, shuffled: `(length,)` indices.

    The epochs are consecutive slices of `length` faces from an endless series of shuffled passes
    over all faces: so each face occurs equally often, even if `length` differs from `n_faces`.

    Args:
        n_faces: number of faces to choose from.
        length: faces per epoch.
        seed: seed of the run.
        epoch: 0-based epoch.
    """
    start, stop = epoch * length, (epoch + 1) * length
    passes = range(start // n_faces, -(-stop // n_faces))
    order = np.concatenate([np.random.default_rng((seed, p)).permutation(n_faces) for p in passes])
    first = passes.start * n_faces
    return order[start - first : stop - first]


def balanced_order(
    targets: NDArray[np.float32], *, length: int, seed: int, epoch: int
) -> NDArray[np.int64]:
    """Draws the faces of one epoch with replacement, each class equally often.

    A face with a soft target counts for each class by its share.

    Args:
        targets: `(n, n_classes)` distributions.
        length: faces per epoch.
        seed: seed of the run.
        epoch: 0-based epoch.
    """
    faces_of_class = targets.sum(axis=0, dtype=np.float64)
    chance = targets @ np.divide(
        1.0, faces_of_class, where=faces_of_class > 0, out=np.zeros_like(faces_of_class)
    )
    rng = np.random.default_rng((seed, epoch))
    return rng.choice(len(targets), size=length, p=chance / chance.sum())


def class_weights(targets: NDArray[np.float32], kind: str) -> NDArray[np.float32]:
    """Class weights that favor rare classes, with mean 1 over the faces.

    Args:
        targets: `(n, n_classes)` distributions.
        kind: `none`, `balanced` (inverse frequency) or `sqrt` (its square root).
    """
    frequency = targets.mean(axis=0)
    exponent = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[kind]
    weights = np.where(frequency > 0, np.maximum(frequency, 1e-12) ** -exponent, 0.0)
    return np.asarray(weights / (weights @ frequency), np.float32)
