"""Turns a face crop into a classifier's input tensor.

Training and the app call `preprocess` with the config in the model's card, so a model gets the same
input in the app as in training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.preprocessing.resizing import resize_gray

Equalization = Literal["none", "global", "clahe"]
Denoising = Literal["none", "gaussian", "median", "non_local_means"]
Scaling = Literal["unit", "symmetric", "standardize"]
"""The choices of this project's training."""

AnyScaling = Literal[Scaling, "none", "channels"]
"""With those that only models from elsewhere need."""

Color = Literal["gray", "rgb", "bgr"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "equalization": get_args(Equalization),
    "denoising": get_args(Denoising),
    "scaling": get_args(AnyScaling),
    "color": get_args(Color),
}


@dataclass(frozen=True, kw_only=True)
class PreprocessingConfig:
    """How a face crop becomes a tensor.

    Attributes:
        size: side of the square output in pixels.
        equalization: histogram equalization of the resized face: `none`, `global`
            (`cv2.equalizeHist`) or `clahe` (contrast limited, 8x8 tiles, clip limit 2).
        denoising: `none`, `gaussian` (3x3), `median` (3x3) or `non_local_means` (strength 10).
        scaling: of gray values 0-255: `unit` to [0, 1], `symmetric` to [-1, 1], `standardize` to
            zero mean and unit variance per image, which normalizes brightness and contrast, `none`
            leaves them, `channels` divides by 255, subtracts `mean` and divides by `deviation`.
        color: of the output, `gray`, or with three channels `rgb` or `bgr`. Equalization and
            denoising are for gray only.
        mean, deviation: for the scaling `channels`, one number per channel; else empty.
    """

    size: int = 48
    equalization: Equalization = "none"
    denoising: Denoising = "none"
    scaling: AnyScaling = "standardize"
    color: Color = "gray"
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @property
    def channels(self) -> int:
        """Channels of the output, 1 or 3."""
        return 1 if self.color == "gray" else 3

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size must be at least 1 pixel. Received: size={self.size}")
        for field, choices in _CHOICES.items():
            value = getattr(self, field)
            if value not in choices:
                raise ValueError(
                    f"{field} must be one of {', '.join(choices)}. Received: {field}={value!r}"
                )
        if self.color != "gray" and (self.equalization, self.denoising) != ("none", "none"):
            raise ValueError(
                "Equalization and denoising are for gray input. "
                f"Received: {self.equalization}, {self.denoising} and color={self.color!r}"
            )
        expected = self.channels if self.scaling == "channels" else 0
        if (len(self.mean), len(self.deviation)) != (expected, expected):
            raise ValueError(
                f"With scaling={self.scaling!r} and color={self.color!r}, mean and deviation have "
                f"{expected} numbers each. Received: {len(self.mean)} and {len(self.deviation)}"
            )
        if not all(map(math.isfinite, self.mean)) or not all(
            math.isfinite(value) and value > 0 for value in self.deviation
        ):
            raise ValueError(
                "mean must be finite, and deviation finite and above 0. "
                f"Received: mean={self.mean}, deviation={self.deviation}"
            )


@dataclass(frozen=True)
class Stages:
    """Every intermediate image of one face, in processing order.

    Attributes:
        converted: `(height, width)` uint8, or `(height, width, 3)` for a color model.
        resized: `(size, size)` or `(size, size, 3)` uint8.
        equalized: the same shape, after histogram equalization.
        denoised: the same shape, after denoising.
        scaled: `(size, size, channels)` float32, the classifier's input.
    """

    converted: NDArray[np.uint8]
    resized: NDArray[np.uint8]
    equalized: NDArray[np.uint8]
    denoised: NDArray[np.uint8]
    scaled: NDArray[np.float32]

    def scaled_image(self) -> NDArray[np.uint8]:
        """Returns the scaled values as an image in the shape of `resized`, the smallest black."""
        lowest = self.scaled.min()
        spread = float(self.scaled.max() - lowest) or 1.0
        values = self.scaled.reshape(self.resized.shape)
        return np.asarray((values - lowest) / spread * 255, np.uint8)


def preprocess(image: NDArray[np.uint8], config: PreprocessingConfig) -> NDArray[np.float32]:
    """Turns one face crop into a classifier's input.

    Args:
        image: `(height, width, 3)` RGB or `(height, width)` gray, uint8.
        config: the steps to take.

    Returns:
        `(size, size, channels)` float32.

    Raises:
        ValueError: `image` has another shape or dtype, or no pixels.
    """
    return stages(image, config).scaled


def preprocess_batch(
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], config: PreprocessingConfig
) -> NDArray[np.float32]:
    """Turns crops of any sizes into one batch, `(n, size, size, channels)` float32; n may be 0."""
    batch = np.empty((len(images), config.size, config.size, config.channels), np.float32)
    for index, image in enumerate(images):
        batch[index] = preprocess(image, config)
    return batch


def stages(image: NDArray[np.uint8], config: PreprocessingConfig) -> Stages:
    """Turns one face crop into a classifier's input and returns every step.

    Arguments and exceptions are those of `preprocess`.
    """
    converted = _converted(image, config.color)
    # Resize before the filters, whose effect depends on the size, as in training.
    resized = _resized(converted, config.size)
    equalized = _equalize(resized, config.equalization)
    denoised = _denoise(equalized, config.denoising)
    return Stages(converted, resized, equalized, denoised, _scale(denoised, config))


def _converted(image: NDArray[np.uint8], color: Color) -> NDArray[np.uint8]:
    is_color = image.ndim == 3 and image.shape[2] == 3
    if image.dtype != np.uint8 or not (is_color or image.ndim == 2) or image.size == 0:
        raise ValueError(
            "Expected a uint8 image of shape (height, width, 3) or (height, width) with at least "
            f"one pixel. Received: shape={image.shape}, dtype={image.dtype}"
        )
    if color == "gray":
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8) if is_color else image
    if not is_color:
        return np.stack([image] * 3, axis=-1)
    return image if color == "rgb" else image[..., ::-1]


def _resized(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    if image.ndim == 2:
        return resize_gray(image, size)
    return np.stack([resize_gray(image[..., channel], size) for channel in range(3)], axis=-1)


def _equalize(gray: NDArray[np.uint8], equalization: Equalization) -> NDArray[np.uint8]:
    if equalization == "none":
        return gray
    if equalization == "global":
        return np.asarray(cv2.equalizeHist(gray), np.uint8)
    return np.asarray(cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(gray), np.uint8)


def _denoise(gray: NDArray[np.uint8], denoising: Denoising) -> NDArray[np.uint8]:
    if denoising == "none":
        return gray
    if denoising == "gaussian":
        return np.asarray(cv2.GaussianBlur(gray, (3, 3), 0), np.uint8)
    if denoising == "median":
        return np.asarray(cv2.medianBlur(gray, 3), np.uint8)
    return np.asarray(cv2.fastNlMeansDenoising(gray, None, 10), np.uint8)


def _scale(image: NDArray[np.uint8], config: PreprocessingConfig) -> NDArray[np.float32]:
    pixels = image.astype(np.float32).reshape(*image.shape[:2], config.channels)
    if config.scaling == "none":
        return pixels
    if config.scaling == "channels":
        mean, deviation = np.array([config.mean, config.deviation], np.float32)
        return np.asarray((pixels / np.float32(255.0) - mean) / deviation, np.float32)
    if config.scaling == "unit":
        return pixels / np.float32(255.0)
    if config.scaling == "symmetric":
        return pixels / np.float32(127.5) - np.float32(1.0)
    # The minimum of one gray level turns a uniform image into zeros instead of amplified noise.
    spread = max(float(pixels.std()), 1.0)
    return np.asarray((pixels - pixels.mean()) / spread, np.float32)
