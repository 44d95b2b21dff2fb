"""The faces of one epoch, shuffled, mixed and weighed, in batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.input_pipeline.augmentation import draw_mixing, mixed

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class EpochBatches:
    """One epoch of training batches, fully determined by the order and `(seed, epoch)`.

    Args:
        inputs: scaled faces, `(n, side, side, 1)` float32.
        targets: distributions over the classes, `(n, n_classes)` float32.
        order: the faces of the epoch, `(length,)` indices; see `epoch_order`.
        class_weights: `(n_classes,)` float32; a face's weight is their mean under its target.
        batch_size: faces a batch; what is left over at the end is not seen in this epoch.
        mixup_alpha: 0 for no mixing.
        seed: of the run.
        epoch: from 0.
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
            inputs, targets = mixed(inputs, share, partner), mixed(targets, share, partner)
        return inputs, targets, targets @ self.class_weights

    def plan(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        """Which faces a batch has, the share each keeps of itself, and whom it is mixed with.

        Args:
            index: of the batch, from 0.

        Returns:
            Rows of `inputs`, then what `training.input_pipeline.augmentation.draw_mixing` gives.
        """
        start = index * self._batch_size
        chosen = self._order[start : start + self._batch_size]
        rng = np.random.default_rng((*self._seed, index))
        return chosen, *draw_mixing(len(chosen), alpha=self._mixup_alpha, rng=rng)


def epoch_order(n_faces: int, *, length: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The faces of one epoch, shuffled: `(length,)` indices.

    All epochs together are one pass after another over the faces, each in an order of its own and
    cut at every `length`: so with `length` other than `n_faces` too, each face comes equally often.

    Args:
        n_faces: how many there are to choose from.
        length: faces an epoch.
        seed: of the run.
        epoch: from 0.
    """
    start, stop = epoch * length, (epoch + 1) * length
    passes = range(start // n_faces, -(-stop // n_faces))
    order = np.concatenate([np.random.default_rng((seed, p)).permutation(n_faces) for p in passes])
    first = passes.start * n_faces
    return order[start - first : stop - first]


def balanced_order(
    targets: NDArray[np.float32], *, length: int, seed: int, epoch: int
) -> NDArray[np.int64]:
    """Draws the faces of one epoch with replacement so that each class is drawn equally often.

    A face whose target is spread over classes stands for each of them by its share.

    Args:
        targets: `(n, n_classes)` distributions.
        length: faces an epoch.
        seed: of the run.
        epoch: from 0.
    """
    faces_of_class = targets.sum(axis=0, dtype=np.float64)
    chance = targets @ np.divide(
        1.0, faces_of_class, where=faces_of_class > 0, out=np.zeros_like(faces_of_class)
    )
    rng = np.random.default_rng((seed, epoch))
    return rng.choice(len(targets), size=length, p=chance / chance.sum())


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
