"""The network: the trunk of a saved model, with a head for emotions and one for action units."""

from __future__ import annotations

import keras
from keras import layers

from fer_core.errors import ModelError
from fer_core.labels import CKPLUS, CKPLUS_ACTION_UNITS
from fer_core.zoo import ModelStore
from training.ckplus.settings import TwoHeadSettings

TRUNK_OUTPUT = "pooled"


def build_two_heads(settings: TwoHeadSettings) -> keras.Model:
    """Builds the network on the trunk of the pretrained model, whose file is checked first.

    Returns:
        A functional model from `(n, side, side, 1)` faces to two outputs: probabilities of
        `CKPLUS`, `(n, 7)`, rows sum to 1; and of `CKPLUS_ACTION_UNITS`, `(n, 15)`, independent.

    Raises:
        ModelError: the pretrained model is missing, damaged, or not from `training.networks`.
    """
    path = ModelStore.default().verified_weights(settings.pretrained)
    source = keras.models.load_model(path, compile=False)
    if TRUNK_OUTPUT not in {layer.name for layer in source.layers}:
        raise ModelError(
            f"Model {settings.pretrained!r} must have a layer {TRUNK_OUTPUT!r} at the end of its "
            f"trunk. Received: {', '.join(layer.name for layer in source.layers[-3:])} at its end"
        )
    x = layers.Dropout(settings.dropout)(source.get_layer(TRUNK_OUTPUT).output)
    emotion = layers.Dense(
        len(CKPLUS), activation="softmax", dtype="float32", name="probabilities"
    )(x)
    action_units = layers.Dense(
        len(CKPLUS_ACTION_UNITS), activation="sigmoid", dtype="float32", name="action_units"
    )(x)
    return keras.Model(source.inputs[0], [emotion, action_units], name=settings.name)


def freeze_convolutions(model: keras.Model, count: int) -> None:
    """Freezes the first `count` convolutions and all layers up to the next one.

    Raises:
        ModelError: the model has fewer convolutions.
    """
    found = 0
    for layer in model.layers:
        found += isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D)
        if found > count:
            return
        layer.trainable = False
    if found < count:
        raise ModelError(f"Expected at least {count} convolutions to freeze. Received: {found}")
    for layer in model.layers:  # all of the trunk, and none of the heads
        layer.trainable = isinstance(layer, layers.Dense)
