"""Ten corruptions of face images, each at five severities.

The idea and the mean corruption error follow Hendrycks and Dietterich 2019; kinds and strengths are
chosen for 48-pixel faces, the strengths while viewing the test sample (docs/test-set-log.md).
Strengths are given for a face of 48 pixels and scale with the image, so that a large face crop,
once resized to 48 pixels, is corrupted as much as a face of the test split.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.preprocessing.face_layout import EYES_AT, MOUTH_AT

Corruption = Literal[
    "gaussian_blur",
    "motion_blur",
    "low_resolution",
    "low_light",
    "backlight",
    "noise",
    "jpeg",
    "covered_eyes",
    "covered_mouth",
    "rotation",
]
CORRUPTIONS: Final[tuple[Corruption, ...]] = get_args(Corruption)

STRENGTHS: Final[Mapping[Corruption, tuple[float, float, float, float, float]]] = MappingProxyType(
    {
        "gaussian_blur": (0.6, 0.9, 1.3, 1.8, 2.5),
        "motion_blur": (3, 5, 7, 9, 13),
        "low_resolution": (32, 24, 18, 14, 10),
        "low_light": (0.5, 0.3, 0.2, 0.12, 0.06),
        "backlight": (0.7, 0.5, 0.35, 0.22, 0.12),
        "noise": (4, 8, 14, 22, 34),
        "jpeg": (40, 25, 15, 8, 4),
        "covered_eyes": (0.06, 0.10, 0.14, 0.20, 0.28),
        "covered_mouth": (0.08, 0.14, 0.20, 0.28, 0.38),
        "rotation": (6, 12, 18, 25, 35),
    }
)
"""By severity 1 to 5.

gaussian_blur: standard deviation in pixels. motion_blur: length of the movement in pixels.
low_resolution: side to which the face is shrunk, in pixels. low_light: the light that is left, with
the shot noise of so few photons. backlight: the contrast that is left, with glare from the edges.
noise: standard deviation in gray levels. jpeg: quality. covered_eyes, covered_mouth: height of the
cover in parts of the face's. rotation: degrees.
"""

SEVERITIES: Final = range(1, 6)

AUGMENTATION_NOTE: Final = (
    "Some corruptions resemble augmentations that the saved models trained with: random rotation "
    "(up to 15 degrees, about severity 2) and random erasing (like covered eyes and mouth); random "
    "contrast is a mild form of low light and backlight. One FER+ model also trained on faces of "
    "32 pixels (low resolution, severity 1). These results say less about unseen conditions."
)
"""What training/input_pipeline and the saved models' configs have in common with this file."""

_GRAIN: Final = 48
_PHOTONS: Final = 2500.0
"""Mean count, in a white pixel of 48 x 48, at full light."""

_EYE_COVER: Final = (20, 0.84)
_MOUTH_COVER: Final = (200, 0.60)
"""Gray level, dark as glasses or light as a mask, and width in parts of the face's."""

VERSION: Final = 1
"""Increase it when a change of code affects what `corrupt` returns, which outdates results."""

PROTOCOL: Final = "{}-{}".format(
    VERSION,
    hashlib.sha256(
        repr(
            (
                sorted(STRENGTHS.items()),
                (_GRAIN, _PHOTONS, _EYE_COVER, _MOUTH_COVER, EYES_AT, MOUTH_AT),
            )
        ).encode()
    ).hexdigest()[:12],
)
"""Changes with the version and any constant; a test compares pixels with reference values."""

Image = NDArray[np.uint8]


def corrupt(image: Image, corruption: Corruption, severity: int, *, seed: int = 0) -> Image:
    """Applies a corruption to a face image.

    Args:
        image: `(side, side, 3)` RGB or `(side, side)` gray, uint8, a face cropped as in FER2013.
        corruption: which one.
        severity: 1 to 5; 0 returns the image unchanged.
        seed: of noise and directions; the same seed gives the same result.

    Returns:
        Same shape, uint8.

    Raises:
        ValueError: there is no such corruption or severity, or `image` has another shape or dtype.
    """
    if corruption not in CORRUPTIONS:
        raise ValueError(
            f"corruption must be one of {', '.join(CORRUPTIONS)}. Received: {corruption!r}"
        )
    if severity not in range(len(SEVERITIES) + 1):
        raise ValueError(f"severity must be 0 to {len(SEVERITIES)}. Received: {severity}")
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(
            "Expected a uint8 image of shape (side, side, 3) or (side, side) with at least one "
            f"pixel. Received: shape={image.shape}, dtype={image.dtype}"
        )
    if severity == 0:
        return image
    strength = STRENGTHS[corruption][severity - 1]
    return _METHODS[corruption](image, strength, np.random.default_rng(seed))


def _gaussian_blur(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma * _scale(image)), np.uint8)


def _motion_blur(image: Image, length: float, rng: np.random.Generator) -> Image:
    side = max(3, round(length * _scale(image)) | 1)
    line = np.zeros((side, side), np.float32)
    line[side // 2] = 1
    middle = (side // 2, side // 2)
    turn = cv2.getRotationMatrix2D(middle, float(rng.uniform(0, 180)), 1.0)
    kernel = np.asarray(cv2.warpAffine(line, turn, (side, side)), np.float32)
    blurred = cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.uint8)


def _low_resolution(image: Image, side: float, rng: np.random.Generator) -> Image:
    few = cv2.resize(image, (round(side),) * 2, interpolation=cv2.INTER_AREA)
    size = image.shape[1::-1]
    return np.asarray(cv2.resize(few, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _low_light(image: Image, light: float, rng: np.random.Generator) -> Image:
    def seen(gray: NDArray[np.float32]) -> NDArray[np.float64]:
        photons = np.clip(gray, 0, 255) / 255 * _PHOTONS
        return rng.poisson(photons).astype(np.float64) / _PHOTONS * 255

    return _at_grain(image * np.float32(light), seen)


def _backlight(image: Image, contrast: float, rng: np.random.Generator) -> Image:
    rows, columns = np.indices(image.shape[:2]) + 0.5
    x, y = columns / image.shape[1] - 0.5, rows / image.shape[0] - 0.5
    glare = (1 - contrast) * np.clip((np.hypot(x, y) - 0.25) / 0.45, 0, 1)
    if image.ndim == 3:
        glare = glare[..., np.newaxis]
    shadow = 40 + (image.astype(np.float64) - 40) * contrast
    return _to_uint8(shadow * (1 - glare) + 255 * glare)


def _noise(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    return _at_grain(image.astype(np.float32), lambda gray: gray + rng.normal(0, sigma, gray.shape))


def _jpeg(image: Image, quality: float, rng: np.random.Generator) -> Image:
    def compressed(gray: NDArray[np.float32]) -> NDArray[np.float64]:
        _, data = cv2.imencode(".jpg", _to_uint8(gray), [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float64)

    return _at_grain(image.astype(np.float32), compressed)


def _covered_eyes(image: Image, height: float, rng: np.random.Generator) -> Image:
    return _covered(image, EYES_AT, height, *_EYE_COVER)


def _covered_mouth(image: Image, height: float, rng: np.random.Generator) -> Image:
    return _covered(image, MOUTH_AT, height, *_MOUTH_COVER)


def _rotation(image: Image, degrees: float, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    middle = ((width - 1) / 2, (height - 1) / 2)
    turn = cv2.getRotationMatrix2D(middle, degrees * float(rng.choice((-1, 1))), 1.0)
    turned = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


_METHODS: Final[Mapping[Corruption, Callable[[Image, float, np.random.Generator], Image]]] = {
    "gaussian_blur": _gaussian_blur,
    "motion_blur": _motion_blur,
    "low_resolution": _low_resolution,
    "low_light": _low_light,
    "backlight": _backlight,
    "noise": _noise,
    "jpeg": _jpeg,
    "covered_eyes": _covered_eyes,
    "covered_mouth": _covered_mouth,
    "rotation": _rotation,
}


def _scale(image: Image) -> float:
    return float(image.shape[0] / _GRAIN)


def _covered(image: Image, at: float, height: float, gray: int, width: float) -> Image:
    rows, columns = image.shape[:2]
    top, bottom = (round((at + part * height) * rows) for part in (-0.5, 0.5))
    left, right = (round((0.5 + part * width) * columns) for part in (-0.5, 0.5))
    covered = image.copy()
    covered[top:bottom, left:right] = gray
    return covered


def _at_grain(
    image: NDArray[np.float32],
    change: Callable[[NDArray[np.float32]], NDArray[np.floating]],
) -> Image:
    """Adds to a picture what `change` adds to its 48 x 48 gray form, enlarged.

    Noise as fine as a photo's own pixels would be averaged away when the face is shrunk.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    small = np.asarray(cv2.resize(gray, (_GRAIN, _GRAIN), interpolation=cv2.INTER_AREA), np.float32)
    difference = (change(small) - small).astype(np.float32)
    size = image.shape[1::-1]
    added = np.asarray(cv2.resize(difference, size, interpolation=cv2.INTER_NEAREST), np.float32)
    return _to_uint8(image + (added[..., np.newaxis] if image.ndim == 3 else added))


def _to_uint8(values: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
