"""Blocks that several architectures share."""

from __future__ import annotations

from typing import Any

from keras import layers

Tensor = Any
"""A symbolic Keras tensor, which Keras does not type."""


def convolution(x: Tensor, filters: int, kernel_size: int, *, strides: int = 1) -> Tensor:
    """Convolution without bias, which batch normalization makes redundant."""
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)


def conv_norm_relu(
    x: Tensor, filters: int, kernel_size: int = 3, *, strides: int = 1, relu: bool = True
) -> Tensor:
    """Convolution, batch normalization, and optionally ReLU."""
    x = layers.BatchNormalization()(convolution(x, filters, kernel_size, strides=strides))
    return layers.ReLU()(x) if relu else x
