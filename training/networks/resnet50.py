"""ResNet50 (He et al. 2016), stride on the 3x3 (version 1.5), with a 3x3 stem and no pooling."""

from __future__ import annotations

from keras import layers

from training.networks.blocks import Tensor, conv_norm_relu

_STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
"""Bottleneck width, number of blocks and first stride of each stage."""


def resnet50_features(x: Tensor, stem_stride: int) -> Tensor:
    """Sixteen bottleneck blocks: `(n, 48, 48, 1)` to `(n, 3, 3, 2048)` at stem stride 2."""
    x = conv_norm_relu(x, 64, strides=stem_stride)
    for width, blocks, first_stride in _STAGES:
        for index in range(blocks):
            x = _bottleneck(x, width, strides=first_stride if index == 0 else 1)
    return x


def _bottleneck(x: Tensor, width: int, *, strides: int) -> Tensor:
    shortcut = x
    if strides != 1 or x.shape[-1] != 4 * width:
        shortcut = conv_norm_relu(x, 4 * width, 1, strides=strides, relu=False)
    x = conv_norm_relu(x, width, 1)
    x = conv_norm_relu(x, width, strides=strides)
    x = conv_norm_relu(x, 4 * width, 1, relu=False)
    return layers.ReLU()(layers.Add()([x, shortcut]))
