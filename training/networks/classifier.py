"""The networks that can be trained, each with a stem for 48 pixel faces.

All share one head: global average pooling, dropout, one dense layer, softmax in float32.
"""

from __future__ import annotations

import keras
from keras import layers

from training.networks.blocks import Tensor
from training.networks.cnn import cnn_features
from training.networks.densenet121 import densenet121_features
from training.networks.mobilenet import mobilenet_features
from training.networks.resnet50 import resnet50_features
from training.networks.vgg19 import vgg19_features
from training.settings import ModelSettings


def build_classifier(settings: ModelSettings, *, n_classes: int, image_size: int) -> keras.Model:
    """Builds an untrained classifier.

    Args:
        settings: the architecture and its options.
        n_classes: number of classes.
        image_size: side of the faces in pixels; the weights fit every size.

    Returns:
        A functional model from `(n, image_size, image_size, 1)` to `(n, n_classes)`, with built-in
        Keras layers only, so that `keras.models.load_model` can read it anywhere.
    """
    inputs = keras.Input((image_size, image_size, 1), name="face")
    x = layers.GlobalAveragePooling2D(name="pooled")(_features(inputs, settings))
    x = layers.Dropout(settings.dropout)(x)
    probabilities = layers.Dense(
        n_classes, activation="softmax", dtype="float32", name="probabilities"
    )(x)
    return keras.Model(inputs, probabilities, name=settings.name)


def _features(x: Tensor, settings: ModelSettings) -> Tensor:
    match settings.architecture:
        case "cnn":
            return cnn_features(x, settings.widths)
        case "vgg19":
            return vgg19_features(x)
        case "mobilenet":
            return mobilenet_features(x, settings.stem_stride, settings.width_multiplier)
        case "densenet121":
            return densenet121_features(x, settings.stem_stride)
        case "resnet50":
            return resnet50_features(x, settings.stem_stride)
