from __future__ import annotations

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from training.networks import build_classifier
from training.networks.fast_kernels import with_fast_kernels
from training.settings import ModelSettings

CNN = ModelSettings(name="a", title="A", architecture="cnn", widths=(4, 4, 8), dropout=0.0)
MOBILENET = ModelSettings(
    name="a", title="A", architecture="mobilenet", width_multiplier=0.125, dropout=0.0
)


def flat(weights: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([array.ravel() for array in weights])


every_model = pytest.mark.parametrize("settings", [CNN, MOBILENET], ids=["cnn", "mobilenet"])


def trained(model: keras.Model, steps: int = 1) -> keras.Model:
    rng = np.random.default_rng(0)
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="categorical_crossentropy")
    for _ in range(steps):
        faces = rng.normal(size=(32, 24, 24, 1))
        model.train_on_batch(faces, np.eye(7)[rng.integers(0, 7, 32)])
    return model


@every_model
def test_training_with_fast_kernels_gives_the_same_weights(settings: ModelSettings) -> None:
    keras.utils.set_random_seed(0)
    plain = build_classifier(settings, n_classes=7, image_size=24)
    for layer in plain.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.epsilon = 0.1  # otherwise channels with little variance amplify rounding errors
    fast = with_fast_kernels(plain)
    assert fast is not plain
    fast.set_weights(start := plain.get_weights())
    one, other = (flat(trained(model).get_weights()) for model in (plain, fast))
    # A ReLU that rounding switches changes some weights by up to two percent.
    assert np.abs(other - one).mean() < 0.03 * np.abs(one - flat(start)).mean()


@every_model
def test_inference_matches_the_original_model(settings: ModelSettings) -> None:
    plain = trained(build_classifier(settings, n_classes=7, image_size=24))
    fast = with_fast_kernels(plain)
    fast.set_weights(plain.get_weights())
    faces = np.random.default_rng(1).normal(size=(4, 24, 24, 1))
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(fast(faces)),
        keras.ops.convert_to_numpy(plain(faces)),
        atol=1e-6,
    )
