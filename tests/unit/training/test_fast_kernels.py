from __future__ import annotations

import keras
import numpy as np
import pytest

from training.architectures import build_classifier
from training.fast_kernels import with_fast_kernels
from training.settings import ModelSettings

SETTINGS = ModelSettings(name="a", title="A", architecture="cnn", widths=(4, 4, 8), dropout=0.0)


def trained(model: keras.Model, steps: int = 3) -> keras.Model:
    rng = np.random.default_rng(0)
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="categorical_crossentropy")
    for _ in range(steps):
        faces = rng.normal(size=(32, 24, 24, 1))
        model.train_on_batch(faces, np.eye(7)[rng.integers(0, 7, 32)])
    return model


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="only TensorFlow has the fused kernel"
)
def test_training_with_it_gives_the_weights_of_training_without() -> None:
    plain = build_classifier(SETTINGS, n_classes=7, image_size=24)
    fused = with_fast_kernels(plain)
    assert fused is not plain
    fused.set_weights(plain.get_weights())
    for one, other in zip(trained(plain).get_weights(), trained(fused).get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=2e-3)


def test_inference_is_that_of_the_plain_model() -> None:
    plain = trained(build_classifier(SETTINGS, n_classes=7, image_size=24))
    fused = with_fast_kernels(plain)
    fused.set_weights(plain.get_weights())
    faces = np.random.default_rng(1).normal(size=(4, 24, 24, 1))
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(fused(faces)),
        keras.ops.convert_to_numpy(plain(faces)),
        atol=1e-6,
    )
