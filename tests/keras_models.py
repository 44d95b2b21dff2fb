"""Checks and describes very small Keras models with the structures that users have.

    python tests/keras_models.py FOLDER

Prints JSON with each model's description, or the reason why it was rejected. A separate program, so
that TensorFlow is started once and not in the test process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import ModelRejected
from fer_core.zoo.importing.checker_process import judge
from fer_core.zoo.importing.description import describe

FACE = (48, 48, 1)


def sequential(*, compiled: bool = False, has_input: bool = True) -> Any:
    import keras

    model = keras.Sequential(
        [
            *([keras.Input(FACE)] if has_input else []),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(2, 3, strides=8),
            keras.layers.Flatten(),
            keras.layers.Dense(7, activation="softmax", name="expression"),
        ]
    )
    if not has_input:
        model.build((None, *FACE))
    if compiled:
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
    return model


def transfer() -> Any:
    """A compiled model with augmentation, a compiled backbone for color images, and a head."""
    import keras

    seen = keras.Input((None, None, 3))
    backbone = keras.Model(seen, keras.layers.Conv2D(2, 3, strides=8)(seen), name="backbone")
    backbone.compile(keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError())
    augmentation = keras.Sequential(
        [keras.layers.RandomFlip("horizontal"), keras.layers.RandomContrast(0.1)]
    )
    face = keras.Input(FACE)
    color = keras.layers.Concatenate()([face, face, face])
    features = backbone(augmentation(color) / 127.5 - 1.0)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    model = keras.Model(face, keras.layers.Dense(7, activation="softmax")(pooled))
    model.compile("adam", "categorical_crossentropy")
    return model


def free_size() -> Any:
    """Too deep for a face of one pixel, and for one of 48."""
    import keras

    layers = [keras.layers.Conv2D(2, 25, strides=2) for _ in range(2)]
    pooled = keras.layers.GlobalAveragePooling2D()
    return keras.Sequential(
        [keras.Input((None, None, 1)), *layers, pooled, keras.layers.Dense(7, activation="softmax")]
    )


def two_heads(*, named: bool = False) -> Any:
    import keras

    face = keras.Input(FACE)
    flat = keras.layers.Flatten()(face)
    emotion = keras.layers.Dense(7, name="emotion")(flat)
    units = keras.layers.Dense(15, activation="sigmoid", name="units")(flat)
    outputs = {"units": units, "emotion": emotion} if named else [emotion, units]
    return keras.Model(face, outputs)


def two_inputs() -> Any:
    import keras

    first, second = keras.Input(FACE), keras.Input(FACE)
    return keras.Model([first, second], keras.layers.Add()([first, second]))


def fixed_batch() -> Any:
    import keras

    face = keras.Input(batch_shape=(5, *FACE))
    return keras.Model(face, keras.layers.Softmax()(keras.layers.Flatten()(face)))


def broken(value: float) -> Any:
    model = sequential()
    kernel, bias = model.layers[-1].get_weights()
    kernel[3, 2] = value
    model.layers[-1].set_weights([kernel, bias])
    return model


def negative_variance() -> Any:
    """Finite weights, but NaN predictions."""
    import keras

    model = keras.Sequential(
        [keras.Input(FACE), keras.layers.BatchNormalization(), keras.layers.Flatten()]
    )
    model.layers[0].moving_variance.assign([-1.0])
    return model


MODELS: dict[str, Callable[[], Any]] = {
    "sequential": sequential,
    "sequential, compiled": lambda: sequential(compiled=True),
    "sequential without input": lambda: sequential(has_input=False),
    "transfer": transfer,
    "free size": free_size,
    "two heads": two_heads,
    "outputs by name": lambda: two_heads(named=True),
    "two inputs": two_inputs,
    "fixed batch": fixed_batch,
    "NaN": lambda: broken(np.nan),
    "infinite": lambda: broken(-np.inf),
    "negative variance": negative_variance,
}


def outcome(make: Callable[[], Any], path: Path) -> dict[str, Any]:
    """Saves a model, checks the file and describes it."""
    make().save(path)
    data = path.read_bytes()
    try:
        path.write_bytes(judge(data).pack())
        return {**describe(path), "sha256": "", "size_bytes": len(data)}
    except ModelRejected as error:
        return {"rejected": str(error), "reason": error.reason}


if __name__ == "__main__":
    found = {
        name: outcome(make, Path(sys.argv[1]) / f"{number}.keras")
        for number, (name, make) in enumerate(MODELS.items())
    }
    print(json.dumps(found))
