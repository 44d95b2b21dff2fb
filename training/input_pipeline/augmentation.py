"""Random changes of training faces, as Keras layers.

They run in front of the classifier while it trains and are not part of what is saved.
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
"""Wider than any scaled face, so that changing the contrast clips nothing."""


def build_augmentation(settings: AugmentationSettings, *, seed: int) -> list[layers.Layer]:
    """The layers for `(n, side, side, 1)` scaled faces; each passes faces through at inference.

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
    """Sets every random generator inside `model` (augmentation, dropout) to a state of this epoch.

    So epoch 7 draws the same numbers whether or not epochs 0-6 ran in the same process. On PyTorch
    a dropout layer draws from the generator of the whole process, which is set too.
    """
    keras.utils.set_random_seed(int(np.random.default_rng((seed, epoch)).integers(2**31)))
    generators = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    for index, state in enumerate(generators):
        draws = np.random.default_rng((seed, epoch, index)).integers(0, 2**31, state.shape)
        state.assign(draws.astype(state.dtype))


def draw_mixing(
    count: int, *, alpha: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draws how a batch is mixed: each face's own share and its partner, `(count,)` both.

    Args:
        count: faces in the batch.
        alpha: of the Beta distribution of shares; 0 leaves every face as it is.
        rng: where the draws come from.
    """
    if not alpha:
        return np.ones(count, np.float32), np.arange(count)
    return rng.beta(alpha, alpha, count).astype(np.float32), rng.permutation(count)


def mixed(values: Tensor, share: Tensor, partner: Tensor) -> Tensor:
    """Blends each row with its partner's (Zhang et al. 2018, equation 1); of any array library."""
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return share * values + (1 - share) * values[partner]
