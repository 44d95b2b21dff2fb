from __future__ import annotations

import keras
import numpy as np
import pytest

from training.networks import build_classifier
from training.networks.flops import count_flops
from training.settings import ModelSettings

# Published sizes, to half a unit of their last digit: parameters in millions, MACs in millions.
EXPECTED = {
    "cnn": (4.7, 468),
    "vgg19": (20.0, 880),
    "mobilenet": (3.2, 103),
    "densenet121": (7.0, 499),
    "resnet50": (23.5, 729),
}


def settings(architecture: str, **options: object) -> ModelSettings:
    stem = {"stem_stride": 1} if architecture == "mobilenet" else {}
    values = {"name": "a", "title": "A", "architecture": architecture, **stem, **options}
    return ModelSettings.model_validate(values)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", EXPECTED)
def test_parameters_and_flops_match_the_architecture(architecture: str) -> None:
    model = build_classifier(settings(architecture), n_classes=7, image_size=48)
    million_parameters, million_macs = EXPECTED[architecture]
    assert model.count_params() / 1e6 == pytest.approx(million_parameters, rel=0.03)
    assert count_flops(model) / 2e6 == pytest.approx(million_macs, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", EXPECTED)
def test_the_last_map_is_large_enough(architecture: str) -> None:
    model = build_classifier(settings(architecture), n_classes=7, image_size=48)
    side = model.get_layer("pooled").input.shape[1]
    assert side == (1 if architecture == "vgg19" else 3)


def test_the_same_weights_give_distributions_for_faces_of_any_size() -> None:
    small, full = (
        build_classifier(settings("cnn", widths=(4, 4, 8)), n_classes=7, image_size=size)
        for size in (32, 48)
    )
    full.set_weights(small.get_weights())
    for model in (small, full):
        faces = np.random.default_rng(0).normal(size=(3, *model.input_shape[1:]))
        probabilities = keras.ops.convert_to_numpy(model(faces))
        assert probabilities.shape == (3, 7)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("widths", [(8, 8), (8,) * 7])
def test_a_cnn_has_three_to_six_blocks(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="3 to 6 blocks"):
        build_classifier(settings("cnn", widths=widths), n_classes=7, image_size=48)


def test_six_blocks_still_fit_48_pixels() -> None:
    model = build_classifier(settings("cnn", widths=(4,) * 6), n_classes=7, image_size=48)
    assert model.get_layer("pooled").input.shape[1] == 3
