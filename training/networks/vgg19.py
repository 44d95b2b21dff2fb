"""VGG19 (Simonyan and Zisserman 2015) with batch normalization and without its dense layers.

The two dense layers of 4096 units have most of the original's parameters and were designed for 224
pixels.
"""

from __future__ import annotations

from keras import layers

from training.networks.blocks import Tensor, conv_norm_relu


def vgg19_features(x: Tensor) -> Tensor:
    """Sixteen 3x3 convolutions in five pooled blocks: `(n, 48, 48, 1)` to `(n, 1, 1, 512)`."""
    for width, convolutions in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
        for _ in range(convolutions):
            x = conv_norm_relu(x, width)
        x = layers.MaxPooling2D()(x)
    return x
