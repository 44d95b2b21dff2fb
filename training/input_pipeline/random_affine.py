"""Flip, rotation, zoom and shift as one interpolation.

Keras has a layer for each; in sequence, every one of them interpolates again, and the result is
visibly blurrier than the faces the classifier will see.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from training.networks import Tensor


def _sample(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Samples `images` at columns `x` and rows `y`, bilinear, 0 outside.

    Keras's `affine_transform` does the same, but image by image under PyTorch.
    """
    count, height, width, channels = ops.shape(images)
    pixels = ops.reshape(images, (count, height * width, channels))
    left, top = ops.floor(x), ops.floor(y)
    result = ops.zeros_like(images)
    for column, row in ((left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)):
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        weight = (1 - ops.abs(x - column)) * (1 - ops.abs(y - row)) * ops.cast(inside, x.dtype)
        index = ops.where(inside, row * width + column, 0.0)
        index = ops.reshape(ops.cast(index, "int32"), (count, height * width, 1))
        values = ops.take_along_axis(pixels, index, axis=1)
        result += weight[..., None] * ops.reshape(values, (count, height, width, channels))
    return result


@keras.saving.register_keras_serializable(package="training")
class RandomAffine(keras.layers.Layer):  # type: ignore[misc]
    """Transforms each image of a batch independently; pixels from outside the image are 0.

    Args:
        flip: mirror left and right, half of the time.
        rotation_degrees: rotate by up to this angle either way.
        zoom: scale by up to this fraction either way.
        shift: move by up to this fraction of the side, in each direction.
        seed: seed of the draws.
    """

    def __init__(
        self,
        *,
        flip: bool,
        rotation_degrees: float,
        zoom: float,
        shift: float,
        seed: int,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.flip = flip
        self.rotation_degrees = rotation_degrees
        self.zoom = zoom
        self.shift = shift
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Tensor, training: bool = False) -> Tensor:
        """Takes and gives `(n, side, side, channels)`; unchanged unless `training`."""
        if not training:
            return images
        return _sample(images, *self._coordinates(*ops.shape(images)[:2]))

    def _coordinates(self, count: Tensor, side: Tensor) -> tuple[Tensor, Tensor]:
        """Source coordinates of each output pixel: columns and rows, `(n, side, side)`."""

        def draw(limit: float) -> Tensor:
            return keras.random.uniform((count, 1, 1), -limit, limit, seed=self.generator)

        angle = draw(self.rotation_degrees * math.pi / 180)
        scale = 1 + draw(self.zoom)
        mirror = ops.sign(draw(1.0) + 1e-9) if self.flip else ops.ones((count, 1, 1))
        center = (ops.cast(side, "float32") - 1) / 2
        offsets = ops.arange(side, dtype="float32") - center
        x, y = mirror * offsets[None, None, :], offsets[None, :, None]
        cosine, sine = scale * ops.cos(angle), scale * ops.sin(angle)
        return (
            center + cosine * x - sine * y + draw(self.shift) * side,
            center + sine * x + cosine * y + draw(self.shift) * side,
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments for `from_config`."""
        options: dict[str, Any] = super().get_config()
        return options | {
            "flip": self.flip,
            "rotation_degrees": self.rotation_degrees,
            "zoom": self.zoom,
            "shift": self.shift,
            "seed": self.seed,
        }
