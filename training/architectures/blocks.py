"""Pieces that several architectures share."""

from __future__ import annotations

from typing import Any

from keras import layers

Tensor = Any
"""A symbolic Keras tensor; Keras does not type it."""


def conv_norm_relu(
    x: Tensor, filters: int, kernel_size: int = 3, *, strides: int = 1, relu: bool = True
) -> Tensor:
    """Convolution without bias, batch normalization, and ReLU unless switched off."""
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x) if relu else x
