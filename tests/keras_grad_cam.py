"""Reference implementation of Grad-CAM by automatic differentiation in Keras.

    python tests/keras_grad_cam.py FOLDER NAME...

For each network, writes `NAME.onnx` and `NAME.npz` (faces, and the map for every face and class)
into FOLDER. A name is an architecture, with random weights; a saved model as `saved:cnn`; `dense`,
with a hidden layer between convolutions and classes; or `nested`, with a nested model. Networks
with random weights get noise, in which a trained network may find nothing; saved models get the
average faces. A separate program, so that the test process does not import TensorFlow.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from fer_core.imaging import read_image
from fer_core.labels.emotions import FER2013
from fer_core.preprocessing.preprocess import preprocess_batch
from fer_core.zoo.exporter_process import export_onnx
from fer_core.zoo.store import ModelStore
from training.assets.average_faces import OUTPUT
from training.networks import build_classifier
from training.settings import ModelSettings

NOISE_FACES = 3


def build(name: str) -> keras.Model:
    if name.startswith("saved:"):
        return keras.models.load_model(
            ModelStore.default().verified_weights(name.removeprefix("saved:")), compile=False
        )
    if name == "dense":
        return keras.Sequential(
            [
                keras.Input((48, 48, 1)),
                layers.Conv2D(6, 5, strides=4, activation="relu"),
                layers.Conv2D(8, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(16, activation="relu"),
                layers.Dropout(0.5),
                layers.Dense(len(FER2013), activation="softmax"),
            ]
        )
    if name == "nested":
        inner = build("cnn")
        inputs = keras.Input((48, 48, 1))
        return keras.Model(inputs, inner(layers.Rescaling(2.0)(inputs)))
    options: dict[str, object] = {"stem_stride": 1} if name == "mobilenet" else {}
    options |= {"widths": (4, 8, 12)} if name == "cnn" else {}
    settings = {"name": "a", "title": "A", "architecture": name, **options}
    return build_classifier(
        ModelSettings.model_validate(settings), n_classes=len(FER2013), image_size=48
    )


def maps_of(model: keras.Model, faces: Any) -> Any:
    """Selvaraju et al. 2017, equations 1 and 2, on the last ReLU that has rows and columns."""
    inner = next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)
    if inner is not None:
        return maps_of(inner, model.layers[1](faces))
    is_map = [
        len(layer.output.shape) == 4 and "activation" in layer.get_config() | {"name": ""}
        for layer in model.layers
    ]
    is_relu = [isinstance(layer, layers.ReLU) for layer in model.layers]
    last = np.flatnonzero(is_relu if any(is_relu) else is_map)[-1]
    dense = model.layers[-1]
    cut = keras.Model(model.inputs, [model.layers[last].output, dense.input])
    with tf.GradientTape(persistent=True) as tape:
        feature_maps, pooled = cut(faces, training=False)
        scores = tf.unstack(pooled @ dense.kernel + dense.bias, axis=1)
    maps = []
    for score in scores:
        weights = tf.reduce_mean(tape.gradient(score, feature_maps), axis=(1, 2), keepdims=True)
        maps.append(tf.nn.relu(tf.reduce_sum(weights * feature_maps, axis=-1)).numpy())
    return np.stack(maps, axis=1)


def faces_for(name: str, seed: int) -> Any:
    """`(n, 48, 48, 1)` float32: the faces for this network."""
    if name.startswith("saved:"):
        averages = [read_image(OUTPUT / f"{label}.png") for label in FER2013]
        return preprocess_batch(
            averages,
            ModelStore.default().load_card(name.removeprefix("saved:")).preprocessing,
        )
    return np.random.default_rng(seed).standard_normal((NOISE_FACES, 48, 48, 1), np.float32)


def main(folder: Path, names: list[str]) -> None:
    for seed, name in enumerate(names):
        keras.utils.set_random_seed(seed)
        model = build(name)
        file = folder / f"{name.replace(':', '_')}.keras"
        model.save(file)
        export_onnx(file, file.with_suffix(".onnx"))
        faces = faces_for(name, seed)
        np.savez(file.with_suffix(".npz"), faces=faces, maps=maps_of(model, faces))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
