"""Random augmentation of training faces, as Keras layers.

They run before the classifier during training and are not part of the saved model.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.input_pipeline.random_affine import RandomAffine
from training.networks import Tensor
from training.settings import AugmentationSettings

_VALUE_RANGE = (-8.0, 8.0)
"""Wider than the range of scaled faces, so that contrast changes do not clip."""


def build_augmentation(settings: AugmentationSettings, *, seed: int) -> list[layers.Layer]:
    """The layers for `(n, side, side, 1)` scaled faces; they change nothing at inference.

    They compute in float32 whatever the policy: bfloat16 is too coarse for pixel coordinates.
    """
    chosen: list[layers.Layer] = [
        RandomAffine(
            flip=settings.flip,
            rotation_degrees=settings.rotation_degrees,
            zoom=settings.zoom,
            shift=settings.shift,
            seed=seed,
            dtype="float32",
        )
    ]
    if settings.contrast:
        chosen.append(
            layers.RandomContrast(
                settings.contrast, value_range=_VALUE_RANGE, seed=seed + 1, dtype="float32"
            )
        )
    if settings.erasing:
        chosen.append(
            layers.RandomErasing(
                settings.erasing,
                scale=(0.02, 0.25),
                fill_value=0.0,
                value_range=_VALUE_RANGE,
                seed=seed + 2,
                dtype="float32",
            )
        )
    return chosen


def reseed(model: keras.Model, *, seed: int, epoch: int) -> None:
    """Seeds every random generator in `model` (augmentation, dropout) for this epoch.

    Epoch 7 then draws the same numbers whether or not epochs 0-6 ran in the same process. Under
    PyTorch, dropout uses the global generator of the process, which is seeded too.
    """
    keras.utils.set_random_seed(int(np.random.default_rng((seed, epoch)).integers(2**31)))
    generators = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    for index, state in enumerate(generators):
        draws = np.random.default_rng((seed, epoch, index)).integers(0, 2**31, state.shape)
        state.assign(draws.astype(state.dtype))


def draw_mixing(
    count: int, *, alpha: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draws the mixup of a batch: each face's own share and its partner, `(count,)` both.

    Args:
        count: faces in the batch.
        alpha: parameter of the Beta distribution of shares; 0 leaves every face unchanged.
        rng: the random generator.
    """
    if not alpha:
        return np.ones(count, np.float32), np.arange(count)
    return rng.beta(alpha, alpha, count).astype(np.float32), rng.permutation(count)


def mixup(values: Tensor, share: Tensor, partner: Tensor) -> Tensor:
    """Blends each row with its partner's (Zhang et al. 2018, equation 1); for any array library."""
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return share * values + (1 - share) * values[partner]
