"""Turns a face crop into a classifier's input tensor.

Training and the app call `preprocess` with the config in the model's card, so a model gets the same
input in the app as in training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.preprocessing.resizing import resize_gray

Equalization = Literal["none", "global", "clahe"]
Denoising = Literal["none", "gaussian", "median", "non_local_means"]
Scaling = Literal["unit", "symmetric", "standardize"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "equalization": ("none", "global", "clahe"),
    "denoising": ("none", "gaussian", "median", "non_local_means"),
    "scaling": ("unit", "symmetric", "standardize"),
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
            zero mean and unit variance per image, which normalizes brightness and contrast.
    """

    size: int = 48
    equalization: Equalization = "none"
    denoising: Denoising = "none"
    scaling: Scaling = "standardize"

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size must be at least 1 pixel. Received: size={self.size}")
        for field, choices in _CHOICES.items():
            value = getattr(self, field)
            if value not in choices:
                raise ValueError(
                    f"{field} must be one of {', '.join(choices)}. Received: {field}={value!r}"
                )


@dataclass(frozen=True)
class Stages:
    """Every intermediate image of one face, in processing order.

    Attributes:
        grayscale: `(height, width)` uint8.
        resized: `(size, size)` uint8.
        equalized: the same shape, after histogram equalization.
        denoised: the same shape, after denoising.
        scaled: `(size, size, 1)` float32, the classifier's input.
    """

    grayscale: NDArray[np.uint8]
    resized: NDArray[np.uint8]
    equalized: NDArray[np.uint8]
    denoised: NDArray[np.uint8]
    scaled: NDArray[np.float32]

    def scaled_image(self) -> NDArray[np.uint8]:
        """Returns the scaled values as an image, `(size, size)` uint8, the smallest black."""
        lowest = self.scaled.min()
        spread = float(self.scaled.max() - lowest) or 1.0
        return np.asarray((self.scaled[..., 0] - lowest) / spread * 255, np.uint8)


def preprocess(image: NDArray[np.uint8], config: PreprocessingConfig) -> NDArray[np.float32]:
    """Turns one face crop into a classifier's input.

    Args:
        image: `(height, width, 3)` RGB or `(height, width)` gray, uint8.
        config: the steps to take.

    Returns:
        `(size, size, 1)` float32.

    Raises:
        ValueError: `image` has another shape or dtype, or no pixels.
    """
    return stages(image, config).scaled


def preprocess_batch(
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], config: PreprocessingConfig
) -> NDArray[np.float32]:
    """Turns face crops of any sizes into one batch, `(n, size, size, 1)` float32; n may be 0."""
    batch = np.empty((len(images), config.size, config.size, 1), np.float32)
    for index, image in enumerate(images):
        batch[index] = preprocess(image, config)
    return batch


def stages(image: NDArray[np.uint8], config: PreprocessingConfig) -> Stages:
    """Turns one face crop into a classifier's input and returns every step.

    Arguments and exceptions are those of `preprocess`.
    """
    grayscale = _to_grayscale(image)
    # Resize before the filters, whose effect depends on the size, as in training.
    resized = resize_gray(grayscale, config.size)
    equalized = _equalize(resized, config.equalization)
    denoised = _denoise(equalized, config.denoising)
    return Stages(grayscale, resized, equalized, denoised, _scale(denoised, config.scaling))


def _to_grayscale(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    is_color = image.ndim == 3 and image.shape[2] == 3
    if image.dtype != np.uint8 or not (is_color or image.ndim == 2) or image.size == 0:
        raise ValueError(
            "Expected a uint8 image of shape (height, width, 3) or (height, width) with at least "
            f"one pixel. Received: shape={image.shape}, dtype={image.dtype}"
        )
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8) if is_color else image


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


def _scale(gray: NDArray[np.uint8], scaling: Scaling) -> NDArray[np.float32]:
    pixels = gray.astype(np.float32)[..., np.newaxis]
    if scaling == "unit":
        return pixels / np.float32(255.0)
    if scaling == "symmetric":
        return pixels / np.float32(127.5) - np.float32(1.0)
    # The minimum of one gray level turns a uniform image into zeros instead of amplified noise.
    spread = max(float(pixels.std()), 1.0)
    return np.asarray((pixels - pixels.mean()) / spread, np.float32)
