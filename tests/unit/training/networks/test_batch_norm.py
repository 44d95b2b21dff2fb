from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from numpy.typing import NDArray

from fer_core.preprocessing.preprocess import PreprocessingConfig, preprocess_batch
from training.networks.batch_norm import BatchNormEstimator

CONFIG = PreprocessingConfig(size=12, scaling="unit")


@pytest.fixture
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (320, 12, 12), np.uint8)


def network(*, dropout: float = 0.0) -> keras.Model:
    keras.utils.set_random_seed(3)
    x = faces = keras.Input((12, 12, 1))
    x = layers.BatchNormalization(name="first")(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(4, 3, use_bias=False)(x)
    x = layers.BatchNormalization(name="second", epsilon=1e-5)(x)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    return keras.Model(faces, layers.Dense(7, activation="softmax")(x))


def statistics(model: keras.Model, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    layer = model.get_layer(name)
    return np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)


def test_the_first_layer_gets_mean_and_variance_of_all_faces(images: NDArray[np.uint8]) -> None:
    model = network()
    BatchNormEstimator(model, images, CONFIG).update(model)
    mean, variance = statistics(model, "first")
    faces = preprocess_batch(images, CONFIG)  # mirroring changes neither
    assert mean == pytest.approx(faces.mean(), rel=1e-5)
    assert variance == pytest.approx(faces.var(), rel=1e-5)


def test_what_comes_after_normalization_has_mean_0_and_variance_1(
    images: NDArray[np.uint8],
) -> None:
    model = network()
    BatchNormEstimator(model, images, CONFIG).update(model)
    normalized = keras.Model(model.input, model.get_layer("second").output)
    faces = preprocess_batch(images, CONFIG)
    both = np.concatenate([faces, faces[:, :, ::-1]])
    values = normalized.predict(both, verbose=0)
    assert values.mean(axis=(0, 1, 2)) == pytest.approx(np.zeros(4), abs=0.02)
    assert values.var(axis=(0, 1, 2)) == pytest.approx(np.ones(4), abs=0.02)


def test_nothing_but_the_statistics_changes_and_dropout_is_off(images: NDArray[np.uint8]) -> None:
    plain, dropping = network(), network(dropout=0.9)
    before = dropping.get_weights()
    plain.set_weights(before)
    for model in (plain, dropping):
        BatchNormEstimator(model, images, CONFIG).update(model)
    for name in ("first", "second"):
        for expected, found in zip(
            statistics(plain, name), statistics(dropping, name), strict=True
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-5)
    moving = {id(weight) for layer in dropping.layers for weight in layer.non_trainable_weights}
    for weight, old in zip(dropping.weights, before, strict=True):
        assert (id(weight) in moving) != np.array_equal(np.asarray(weight), old)


def test_frozen_layers_keep_their_statistics(images: NDArray[np.uint8]) -> None:
    model = network()
    model.get_layer("first").trainable = False
    BatchNormEstimator(model, images, CONFIG).update(model)
    np.testing.assert_array_equal(statistics(model, "first"), [[0], [1]])
    assert np.ptp(statistics(model, "second")[0]) > 0


def test_a_network_without_normalization_stays_as_it_is(images: NDArray[np.uint8]) -> None:
    faces = keras.Input((12, 12, 1))
    model = keras.Model(faces, layers.Dense(2)(layers.Flatten()(faces)))
    before = model.get_weights()
    BatchNormEstimator(model, images, CONFIG).update(model)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
