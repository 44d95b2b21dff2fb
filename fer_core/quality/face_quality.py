"""Measures of one face in a picture.

All but the size are taken from the same square crop that the classifier gets, so they describe what
it sees.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces import crop_square, face_square

_BLUR_SIDE: Final = 96
"""Crops are resized to this side before blur is measured, so that faces of any size compare."""

_PROFILE_DEG: Final = 90.0


@dataclass(frozen=True)
class FaceQuality:
    """What a picture measures about one face; NaN where it cannot be measured.

    Attributes:
        face_size_px: side of the square that is cropped for the classifier, in pixels.
        sharpness: variance of the Laplacian of the gray crop at 96 x 96 pixels; low for a blurred
            face (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy: a
            comparative study").
        brightness: mean of the gray crop, 0 to 255.
        contrast: standard deviation of the gray crop (RMS contrast), 0 to 127.5.
        yaw_deg: how far the head is turned sideways, 0 for a frontal face, always positive; a
            rough estimate from the landmarks.
        roll_deg: how far the head is tilted, 0 for level eyes, always positive.
        faces_in_photo: number of faces that were found.
    """

    face_size_px: float
    sharpness: float
    brightness: float
    contrast: float
    yaw_deg: float
    roll_deg: float
    faces_in_photo: float

    def to_dict(self) -> dict[str, float]:
        """Returns the measures by name."""
        return asdict(self)


MEASURES: Final = tuple(field.name for field in fields(FaceQuality))
"""The names of all measures."""


def measure_face(
    image: NDArray[np.uint8],
    xyxy: NDArray[np.float32],
    landmarks: NDArray[np.float32] | None = None,
    *,
    faces: int = 1,
) -> FaceQuality:
    """Measures one face.

    Args:
        image: `(height, width, 3)` RGB uint8.
        xyxy: `(4,)`, its box.
        landmarks: `(5, 2)`, the points of `faces.LANDMARKS`, or None: then yaw and roll are NaN.
        faces: how many faces were found in the picture.
    """
    square = face_square(xyxy, landmarks)
    crop = crop_square(image, square)
    yaw_deg, roll_deg = (np.nan, np.nan) if landmarks is None else _pose(landmarks)
    return replace(
        measure_crop(crop, faces=faces),
        face_size_px=float(square.side),
        yaw_deg=yaw_deg,
        roll_deg=roll_deg,
    )


def measure_crop(crop: NDArray[np.uint8], *, faces: int = 1) -> FaceQuality:
    """Measures a picture that is one cropped face; yaw and roll are NaN.

    Args:
        crop: `(height, width, 3)` RGB uint8.
        faces: how many faces were found in the picture that it was cropped from.
    """
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    same_size = cv2.resize(gray, (_BLUR_SIDE, _BLUR_SIDE), interpolation=cv2.INTER_AREA)
    return FaceQuality(
        face_size_px=float(max(crop.shape[:2])),
        sharpness=float(cv2.Laplacian(same_size, cv2.CV_64F).var()),
        brightness=float(gray.mean()),
        contrast=float(gray.std()),
        yaw_deg=np.nan,
        roll_deg=np.nan,
        faces_in_photo=float(faces),
    )


def _pose(landmarks: NDArray[np.float32]) -> tuple[float, float]:
    """Absolute yaw and roll in degrees.

    On a head seen from the front, the nose lies midway between the eyes, along the line through
    them. As the head turns by an angle, it moves towards one eye: its offset in half distances of
    the eyes is taken as the sine of the angle, as if the tip of the nose were as far in front of
    the eyes as these are from the middle. Turned by 90 degrees, it lies at or beyond an eye.
    """
    right_eye, left_eye, nose, _, _ = landmarks.astype(np.float64)
    across = left_eye - right_eye
    distance = float(np.hypot(*across))
    if distance == 0:
        return _PROFILE_DEG, np.nan
    roll_deg = abs(float(np.degrees(np.arctan2(across[1], across[0]))))
    offset = float((nose - (right_eye + left_eye) / 2) @ across) / distance / (distance / 2)
    return float(np.degrees(np.arcsin(min(abs(offset), 1.0)))), roll_deg
