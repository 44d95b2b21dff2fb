"""MobileNet v1 (Howard et al. 2017), with a configurable stem stride.

The original starts by halving a 224 pixel image; at 48 pixels that loses too much detail. With
stride 1, the last map is 3x3.
"""

from __future__ import annotations

import math

from keras import initializers, layers

from training.networks.blocks import Tensor, conv_norm_relu

_BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
"""Filters and stride of each depthwise separable block."""

_DEPTHWISE_STDDEV = math.sqrt(2 / 9)
"""He initialization for the 9 inputs of a depthwise filter; Keras would count all channels."""


def mobilenet_features(x: Tensor, stem_stride: int, width_multiplier: float) -> Tensor:
    """Thirteen depthwise separable blocks: `(n, 48, 48, 1)` to `(n, 3, 3, c)` at stem stride 1."""
    x = conv_norm_relu(x, round(32 * width_multiplier), strides=stem_stride)
    for filters, strides in _BLOCKS:
        x = layers.DepthwiseConv2D(
            3,
            strides=strides,
            padding="same",
            use_bias=False,
            depthwise_initializer=initializers.RandomNormal(stddev=_DEPTHWISE_STDDEV),
            dtype="float32",  # CPUs have no fast bfloat16 kernel for it
        )(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = conv_norm_relu(x, round(filters * width_multiplier), 1)
    return x
