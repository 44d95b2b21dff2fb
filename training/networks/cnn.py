"""A plain convolutional network, 3 to 6 blocks of two 3x3 convolutions."""

from __future__ import annotations

from collections.abc import Sequence

from keras import layers

from training.networks.blocks import Tensor, conv_norm_relu


def cnn_features(x: Tensor, widths: Sequence[int]) -> Tensor:
    """Halves the map after each of the first four blocks: `(n, h, w, 1)` to `(n, h/16, w/16, c)`.

    Args:
        x: faces.
        widths: filters of each block; 3 to 6 blocks.

    Raises:
        ValueError: fewer than 3 or more than 6 widths.
    """
    if not 3 <= len(widths) <= 6:
        raise ValueError(f"A cnn has 3 to 6 blocks. Received: widths={tuple(widths)}")
    for index, width in enumerate(widths):
        x = conv_norm_relu(conv_norm_relu(x, width), width)
        if index < 4:  # a fifth and sixth block keep the 3x3 map (of 48 pixel faces)
            x = layers.MaxPooling2D()(x)
    return x
