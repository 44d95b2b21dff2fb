"""DenseNet121 (Huang et al. 2017) with a 3x3 stem and without the first pooling."""

from __future__ import annotations

from keras import layers

from training.networks.blocks import Tensor, convolution

_GROWTH = 32
_BLOCKS = (6, 12, 24, 16)


def densenet121_features(x: Tensor, stem_stride: int) -> Tensor:
    """Four dense blocks: `(n, 48, 48, 1)` to `(n, 3, 3, 1024)` at stem stride 2."""
    x = convolution(x, 2 * _GROWTH, 3, strides=stem_stride)
    for index, depth in enumerate(_BLOCKS):
        for _ in range(depth):
            bottleneck = convolution(_norm_relu(x), 4 * _GROWTH, 1)
            x = layers.Concatenate()([x, convolution(_norm_relu(bottleneck), _GROWTH, 3)])
        x = _norm_relu(x)
        if index < len(_BLOCKS) - 1:
            x = layers.AveragePooling2D(2)(convolution(x, x.shape[-1] // 2, 1))
    return x


def _norm_relu(x: Tensor) -> Tensor:
    return layers.ReLU()(layers.BatchNormalization()(x))
