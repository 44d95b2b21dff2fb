"""From a detected face to the square crop for the classifier.

The square matches the crops of FER2013: measured by running YuNet on 2,300 of its training images,
and checked on photos and videos.

- With landmarks: its center lies at 0.30 of the way from the eyes' midpoint to the mouth's; its
  side is 2.72 times the distance between the eyes or between eyes and mouth, whichever is larger,
  because the first shrinks when a head turns and the second when it nods.
- Without: FER2013 was itself cropped with a Haar detector. The side is 1.07 times that of the Haar
  box, with the same center. On the same faces both squares agree to within 3% (median).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces.detector import Detections

MAX_CROP_SIDE: Final = 480
"""Larger crops are shrunk to this side in pixels: ten times the input of the classifiers."""

UPRIGHT_ROLL_DEG: Final = 15.0
"""Heads tilted up to this angle are not rotated, as in FER2013; others are rotated upright."""

_CENTER_BETWEEN_EYES_AND_MOUTH: Final = 0.30
_SIDE_PER_DISTANCE: Final = 2.72
_SIDE_PER_BOX: Final = 1.07


@dataclass(frozen=True)
class FaceSquare:
    """A square on an image; it may extend beyond the image's edge.

    Attributes:
        center_xy: in pixels.
        side: in pixels, at least 1.
        roll_deg: rotation of the square in degrees, clockwise as seen.
    """

    center_xy: tuple[float, float]
    side: float
    roll_deg: float = 0.0


def face_square(
    xyxy: NDArray[np.float32], landmarks: NDArray[np.float32] | None = None
) -> FaceSquare:
    """Returns the square to crop for one face.

    Args:
        xyxy: `(4,)`, the face's box, used if there are no landmarks.
        landmarks: `(5, 2)`, or None.
    """
    if landmarks is None:
        left, top, right, bottom = (float(value) for value in xyxy)
        side = _SIDE_PER_BOX * ((right - left) * (bottom - top)) ** 0.5
        return FaceSquare(((left + right) / 2, (top + bottom) / 2), max(side, 1.0))
    right_eye, left_eye, _, right_mouth, left_mouth = landmarks.astype(np.float64)
    eyes, mouth = (right_eye + left_eye) / 2, (right_mouth + left_mouth) / 2
    center = eyes + _CENTER_BETWEEN_EYES_AND_MOUTH * (mouth - eyes)
    distance = max(np.linalg.norm(left_eye - right_eye), np.linalg.norm(mouth - eyes))
    roll_deg = float(np.degrees(np.arctan2(*(left_eye - right_eye)[::-1])))
    return FaceSquare(
        center_xy=(float(center[0]), float(center[1])),
        side=max(_SIDE_PER_DISTANCE * float(distance), 1.0),
        roll_deg=roll_deg if abs(roll_deg) > UPRIGHT_ROLL_DEG else 0.0,
    )


def crop_square(image: NDArray[np.uint8], square: FaceSquare) -> NDArray[np.uint8]:
    """Crops a square from an image, rotated upright; beyond the edge, edge pixels are repeated.

    Args:
        image: `(height, width, 3)` RGB uint8.
        square: the square to crop.

    Returns:
        `(side, side, 3)` RGB uint8 with `side` rounded, and at most `MAX_CROP_SIDE`.
    """
    side = max(1, round(square.side))
    if square.roll_deg:
        # Crop a region that holds the square at any angle, then rotate it around its center.
        around = _cut(image, square.center_xy, _reach(side))
        middle = (len(around) - 1) / 2
        turn = cv2.getRotationMatrix2D((middle, middle), square.roll_deg, 1.0)
        turn[:, 2] = turn[:, 2] - (len(around) - side) / 2
        crop = np.asarray(cv2.warpAffine(around, turn, (side, side)), np.uint8)
    else:
        crop = _cut(image, square.center_xy, side)
    if side <= MAX_CROP_SIDE:
        return crop
    size = (MAX_CROP_SIDE, MAX_CROP_SIDE)
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)


def square_to_image(square: FaceSquare) -> NDArray[np.float64]:
    """Returns the transform from positions in a crop of `crop_square` to the image.

    Args:
        square: the cropped square.

    Returns:
        `(2, 3)`, an affine matrix from positions in the square, each 0..1 from its left and top
        edge, to pixels of the image, with pixel centers at integers.
    """
    side = max(1, round(square.side))
    reach = _reach(side) if square.roll_deg else side
    middle = [round(value - reach / 2) + (reach - 1) / 2 for value in square.center_xy]
    angle = np.radians(square.roll_deg)
    turn = side * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, np.array(middle) - turn @ (0.5, 0.5)])


def crop_faces(image: NDArray[np.uint8], detections: Detections) -> list[NDArray[np.uint8]]:
    """Crops every detected face, in order.

    Args:
        image: `(height, width, 3)` RGB uint8.
        detections: the faces detected on it.
    """
    points = detections.landmarks
    return [
        crop_square(image, face_square(xyxy, None if points is None else points[index]))
        for index, xyxy in enumerate(detections.xyxy)
    ]


def _reach(side: int) -> int:
    """The side of an upright square that contains one of `side` at any angle."""
    return int(np.ceil(side * 2**0.5)) + 2


def _cut(image: NDArray[np.uint8], center_xy: tuple[float, float], side: int) -> NDArray[np.uint8]:
    # At integer pixels, so that small faces are copied and not blurred by interpolation.
    left, top = (round(value - side / 2) for value in center_xy)
    middle = (left + (side - 1) / 2, top + (side - 1) / 2)
    return np.asarray(cv2.getRectSubPix(image, (side, side), middle), np.uint8)
