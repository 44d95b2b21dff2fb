"""FLOPs of a model for one face."""

from __future__ import annotations

import math

import keras
from keras import layers


def count_flops(model: keras.Model) -> int:
    """Counts the FLOPs of one forward pass, two per multiply-accumulate.

    Counts convolutions and dense layers, as is usual in papers; normalization, activations and
    pooling are ignored.

    Args:
        model: functional, with a fixed input size.
    """
    return 2 * sum(_macs(layer) for layer in model.layers)


def _macs(layer: layers.Layer) -> int:
    positions = 1
    if isinstance(layer, layers.DepthwiseConv2D | layers.Conv2D):
        positions = math.prod(layer.output.shape[1:3])
    elif not isinstance(layer, layers.Dense):
        return 0
    return int(positions * math.prod(layer.kernel.shape))
