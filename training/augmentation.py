"""Random changes of training faces, as Keras layers.

They run in front of the classifier while it trains and are not part of what is saved.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.random_affine import RandomAffine
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

    So epoch 7 draws the same numbers whether or not epochs 0-6 ran in the same process.
    """
    generators = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    for index, state in enumerate(generators):
        draws = np.random.default_rng((seed, epoch, index)).integers(0, 2**31, state.shape)
        state.assign(draws.astype(state.dtype))


def mixup(
    inputs: NDArray[np.float32],
    targets: NDArray[np.float32],
    *,
    alpha: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Blends each face and its target with another of the batch (Zhang et al. 2018, equation 1)."""
    share = rng.beta(alpha, alpha, len(inputs)).astype(np.float32)
    partner = rng.permutation(len(inputs))
    pixel_share, target_share = share[:, None, None, None], share[:, None]
    return (
        pixel_share * inputs + (1 - pixel_share) * inputs[partner],
        target_share * targets + (1 - target_share) * targets[partner],
    )
