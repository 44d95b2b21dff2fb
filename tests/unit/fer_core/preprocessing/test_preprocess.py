import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from fer_core.preprocessing.preprocess import (
    PreprocessingConfig,
    preprocess,
    preprocess_batch,
    stages,
)
from fer_core.preprocessing.resizing import resize_gray

CONFIGS = [
    PreprocessingConfig(equalization=equalization, denoising=denoising, scaling=scaling)
    for equalization in ("none", "global", "clahe")
    for denoising in ("none", "gaussian", "median", "non_local_means")
    for scaling in ("unit", "symmetric", "standardize")
]
RANGES = {"unit": (0, 1), "symmetric": (-1, 1), "standardize": (-48, 48)}

pictures = arrays.arrays(
    np.uint8,
    st.tuples(st.integers(8, 70), st.integers(8, 70)).flatmap(
        lambda size: st.sampled_from([size, (*size, 3)])
    ),
)


def noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_every_config_gives_one_channel_within_its_range(config: PreprocessingConfig) -> None:
    tensor = preprocess(noise(90, 70, 3), config)
    assert tensor.shape == (48, 48, 1)
    assert tensor.dtype == np.float32
    low, high = RANGES[config.scaling]
    assert low <= tensor.min() < tensor.max() <= high


@given(pictures)
def test_any_picture_gives_finite_values(image: NDArray[np.uint8]) -> None:
    tensor = preprocess(image, PreprocessingConfig())
    assert tensor.shape == (48, 48, 1)
    assert np.isfinite(tensor).all()
    assert abs(float(tensor.mean())) < 1e-3
    assert float(tensor.std()) <= 1 + 1e-3


@given(st.integers(0, 255))
def test_a_flat_picture_is_not_amplified_to_noise(level: int) -> None:
    assert not preprocess(np.full((60, 60, 3), level, np.uint8), PreprocessingConfig()).any()


def test_a_gray_face_of_the_right_size_keeps_its_pixels() -> None:
    face = noise(48, 48)
    unit = preprocess(face, PreprocessingConfig(scaling="unit"))
    np.testing.assert_array_equal(np.round(unit[..., 0] * 255).astype(np.uint8), face)


def test_standardizing_takes_brightness_and_contrast_out() -> None:
    face = noise(48, 48) // 2
    config = PreprocessingConfig()
    brighter = (face + 60).astype(np.uint8)
    np.testing.assert_allclose(preprocess(brighter, config), preprocess(face, config), atol=1e-4)


def test_color_is_weighted_as_in_rgb_and_not_bgr() -> None:
    config = PreprocessingConfig(scaling="unit")
    red, blue = np.zeros((2, 48, 48, 3), np.uint8)
    red[..., 0] = blue[..., 2] = 255
    assert preprocess(red, config).mean() == pytest.approx(0.299, abs=0.01)
    assert preprocess(blue, config).mean() == pytest.approx(0.114, abs=0.01)


def test_stages_show_every_step_in_order() -> None:
    config = PreprocessingConfig(equalization="global", denoising="median", scaling="unit")
    image = noise(100, 80, 3)
    steps = stages(image, config)
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    np.testing.assert_array_equal(steps.converted, gray)
    np.testing.assert_array_equal(steps.resized, resize_gray(gray, 48))
    np.testing.assert_array_equal(steps.equalized, cv2.equalizeHist(steps.resized))
    np.testing.assert_array_equal(steps.denoised, cv2.medianBlur(steps.equalized, 3))
    np.testing.assert_allclose(steps.scaled[..., 0], steps.denoised / 255, atol=1e-6)
    np.testing.assert_array_equal(steps.scaled, preprocess(image, config))


def test_a_batch_holds_each_face_as_alone() -> None:
    faces = [noise(30, 40, 3), noise(48, 48), noise(200, 100, 3)]
    config = PreprocessingConfig(equalization="clahe")
    batch = preprocess_batch(faces, config)
    for face, tensor in zip(faces, batch, strict=True):
        np.testing.assert_array_equal(tensor, preprocess(face, config))


def test_an_empty_batch_is_fine() -> None:
    assert preprocess_batch([], PreprocessingConfig(size=32)).shape == (0, 32, 32, 1)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((48, 48, 3), np.float32),
        np.zeros((48, 48, 4), np.uint8),
        np.zeros((48, 48, 1), np.uint8),
        np.zeros((0, 48, 3), np.uint8),
        np.zeros(48, np.uint8),
    ],
)
def test_what_is_no_picture_is_refused_with_its_shape(image: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="Received: shape="):
        preprocess(image, PreprocessingConfig())


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", 0), ("equalization", "CLAHE"), ("denoising", "nlm"), ("scaling", "zscore")],
)
def test_a_config_refuses_what_it_does_not_know(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"Received: {field}="):
        PreprocessingConfig(**{field: value})  # type: ignore[arg-type]


def test_scaled_values_can_be_shown_as_an_image() -> None:
    face = np.arange(48 * 48, dtype=np.uint32).reshape(48, 48) % 200
    seen = stages(face.astype(np.uint8), PreprocessingConfig()).scaled_image()
    assert seen.dtype == np.uint8
    assert (seen.min(), seen.max()) == (0, 255)
    flat = stages(np.full((48, 48), 7, np.uint8), PreprocessingConfig()).scaled_image()
    assert not flat.any()


IMAGENET = PreprocessingConfig(
    size=32,
    color="rgb",
    scaling="channels",
    mean=(0.485, 0.456, 0.406),
    deviation=(0.229, 0.224, 0.225),
)


def test_a_color_model_gets_three_channels_with_its_own_scaling() -> None:
    image = np.random.default_rng(0).integers(0, 256, (70, 50, 3)).astype(np.uint8)
    tensor = preprocess(image, IMAGENET)
    assert tensor.shape == (32, 32, 3)
    for channel in range(3):
        resized = resize_gray(np.ascontiguousarray(image[..., channel]), 32)
        expected = (resized / 255 - IMAGENET.mean[channel]) / IMAGENET.deviation[channel]
        np.testing.assert_allclose(tensor[..., channel], expected, atol=1e-6)


def test_bgr_is_rgb_backwards_and_a_gray_picture_is_repeated() -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3)).astype(np.uint8)
    rgb, bgr = (PreprocessingConfig(color=color, scaling="none") for color in ("rgb", "bgr"))
    np.testing.assert_array_equal(preprocess(image, rgb), image)
    np.testing.assert_array_equal(preprocess(image, bgr), image[..., ::-1])
    gray = image[..., 0]
    np.testing.assert_array_equal(preprocess(gray, bgr), gray[..., np.newaxis].repeat(3, -1))
    assert preprocess_batch([image, gray], rgb).shape == (2, 48, 48, 3)
    assert stages(image, rgb).scaled_image().shape == (48, 48, 3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"color": "rgb", "equalization": "clahe"}, "for gray input"),
        ({"scaling": "channels"}, "1 numbers each. Received: 0 and 0"),
        ({"scaling": "unit", "mean": (0.5,)}, "0 numbers each. Received: 1 and 0"),
        ({"scaling": "channels", "mean": (0.5,), "deviation": (0.0,)}, "above 0"),
        ({"scaling": "channels", "mean": (float("nan"),), "deviation": (1.0,)}, "finite"),
    ],
)
def test_color_settings_that_make_no_sense_are_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        PreprocessingConfig(**fields)  # type: ignore[arg-type]
