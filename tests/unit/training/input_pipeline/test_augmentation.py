from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from training.input_pipeline.augmentation import build_augmentation, draw_mixing, mixup, reseed
from training.input_pipeline.random_affine import RandomAffine
from training.settings import AugmentationSettings


def faces(count: int = 6) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(count, 48, 48, 1)).astype(np.float32)


def affine(**options: Any) -> RandomAffine:
    nothing = {"flip": False, "rotation_degrees": 0.0, "zoom": 0.0, "shift": 0.0, "seed": 3}
    return RandomAffine(**(nothing | options))


def moved(layer: RandomAffine, images: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(layer(images, training=True)))


def test_faces_are_unchanged_at_inference() -> None:
    images = faces()
    for layer in build_augmentation(AugmentationSettings(), seed=1):
        result = keras.ops.convert_to_numpy(layer(images, training=False))
        np.testing.assert_array_equal(result, images)


def test_without_any_change_an_image_stays_as_it_is() -> None:
    images = faces()
    np.testing.assert_allclose(moved(affine(), images), images, atol=1e-4)


def test_a_flip_mirrors_about_half_of_the_faces_exactly() -> None:
    images = faces(200)
    result = moved(affine(flip=True), images)
    is_same = np.isclose(result, images, atol=1e-4).all(axis=(1, 2, 3))
    is_mirrored = np.isclose(result, images[:, :, ::-1], atol=1e-4).all(axis=(1, 2, 3))
    assert (is_same ^ is_mirrored).all()
    assert 60 <= is_mirrored.sum() <= 140


def test_a_rotation_is_about_the_center_and_within_its_limit() -> None:
    images = np.zeros((50, 49, 49, 1), np.float32)
    images[:, 24, 22:27] = 1  # the center
    images[:, 23:26, 43:46] = 1  # a dot 20 pixels right of it
    result = moved(affine(rotation_degrees=15.0), images)[..., 0]
    assert (result[:, 24, 24] > 0.9).all()
    rows = np.arange(49) - 24
    outside = result[:, :, 36:]
    height = (outside * rows[:, None]).sum(axis=(1, 2)) / outside.sum(axis=(1, 2))
    assert np.abs(height).max() <= 20 * np.sin(np.radians(15)) + 0.5
    assert np.abs(height).max() > 20 * np.sin(np.radians(8))


def test_a_shift_is_within_its_fraction_of_the_side() -> None:
    images = np.zeros((50, 48, 48, 1), np.float32)
    images[:, 24, 24] = 1
    result = moved(affine(shift=0.125), images)[..., 0]
    weight = result.sum(axis=(1, 2))
    row = (result * np.arange(48)[:, None]).sum(axis=(1, 2)) / weight
    assert np.abs(row - 24).max() <= 6 + 1e-3
    assert row.std() > 1


def test_reseeding_repeats_an_epoch_and_epochs_differ() -> None:
    settings = AugmentationSettings(erasing=0.5)
    x = inputs = keras.Input((48, 48, 1))
    for layer in build_augmentation(settings, seed=1):
        x = layer(x)
    model = keras.Model(inputs, keras.layers.Dropout(0.5, seed=2)(x))

    def epoch(number: int) -> NDArray[np.float32]:
        reseed(model, seed=5, epoch=number)
        return np.asarray(keras.ops.convert_to_numpy(model(faces(), training=True)))

    first, second, again = epoch(0), epoch(1), epoch(0)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - second).max() > 0.1


def test_mixup_keeps_targets_distributions_and_pairs_them_with_their_faces() -> None:
    labels = np.arange(6) % 3
    inputs = np.eye(3, dtype=np.float32)[labels][:, :, None, None] * np.ones((1, 1, 2, 1))
    targets = np.eye(3, dtype=np.float32)[labels]
    rng = np.random.default_rng(1)
    share, partner = draw_mixing(6, alpha=1.0, rng=rng)
    mixed_inputs, mixed_targets = (
        mixup(values, share, partner) for values in (inputs.astype(np.float32), targets)
    )
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(mixed_inputs[:, :, 0, 0], mixed_targets, atol=1e-6)
    assert not np.isin(mixed_targets, (0, 1)).all()


@pytest.mark.parametrize("switched_off", ["contrast", "erasing"])
def test_a_change_of_zero_has_no_layer(switched_off: str) -> None:
    with_all = build_augmentation(AugmentationSettings(), seed=1)
    settings = AugmentationSettings.model_validate({switched_off: 0.0})
    assert len(build_augmentation(settings, seed=1)) == len(with_all) - 1
