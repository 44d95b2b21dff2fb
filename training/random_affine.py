"""Flip, rotation, zoom and shift as one interpolation.

Keras has a layer for each; in a row, every one of them interpolates again, and the last face is
visibly softer than those the classifier will meet.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.architectures.blocks import Tensor


@keras.saving.register_keras_serializable(package="training")
class RandomAffine(keras.layers.Layer):  # type: ignore[misc]
    """Moves each image of a batch in a way of its own; what comes in from outside is 0.

    Args:
        flip: mirror left and right, half of the time.
        rotation_degrees: turn by up to this angle either way.
        zoom: scale by up to this fraction either way.
        shift: move by up to this fraction of the side, in each direction.
        seed: of the draws.
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
        return ops.image.affine_transform(
            images,
            self._transforms(ops.shape(images)[0], ops.shape(images)[1]),
            interpolation="bilinear",
            fill_mode="constant",
            fill_value=0.0,
        )

    def _transforms(self, count: Tensor, side: Tensor) -> Tensor:
        """`(n, 8)` maps from output to input pixels, as `ops.image.affine_transform` takes them."""

        def draw(limit: float) -> Tensor:
            return keras.random.uniform((count,), -limit, limit, seed=self.generator)

        angle = draw(self.rotation_degrees * 3.141592653589793 / 180)
        scale = 1 + draw(self.zoom)
        mirror = ops.sign(draw(1.0) + 1e-9) if self.flip else ops.ones((count,))
        side = ops.cast(side, "float32")
        center = (side - 1) / 2
        cosine, sine = scale * ops.cos(angle), scale * ops.sin(angle)
        x_x, x_y, y_x, y_y = mirror * cosine, -mirror * sine, sine, cosine
        x_0 = center - (x_x + x_y) * center + draw(self.shift) * side
        y_0 = center - (y_x + y_y) * center + draw(self.shift) * side
        zero = ops.zeros((count,))
        return ops.stack([x_x, x_y, x_0, y_x, y_y, y_0, zero, zero], axis=1)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        options: dict[str, Any] = super().get_config()
        return options | {
            "flip": self.flip,
            "rotation_degrees": self.rotation_degrees,
            "zoom": self.zoom,
            "shift": self.shift,
            "seed": self.seed,
        }
