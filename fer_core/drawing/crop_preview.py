"""Draws the detection of a face on a photo, and the square crop for the models."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.drawing.colors import rgb_of
from fer_core.faces import FaceSquare, square_to_image

BOX_COLOR: Final = "#4c78d0"
SQUARE_COLOR: Final = "#e07a3f"
_CORNERS: Final = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], np.float64)


def draw_crop(
    photo: NDArray[np.uint8],
    xyxy: NDArray[np.float32],
    square: FaceSquare,
    landmarks: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """Draws the detector's box and points, and the square, on a copy of the photo.

    Args:
        photo: `(height, width, 3)` RGB uint8.
        xyxy: `(4,)`, the box, in `BOX_COLOR`.
        square: the cropped square, in `SQUARE_COLOR`; it may extend beyond the photo.
        landmarks: `(5, 2)`, or None.

    Returns:
        Same shape, RGB uint8.
    """
    canvas = photo.copy()
    thickness = max(1, round(max(photo.shape[:2]) / 220))
    left, top, right, bottom = (round(float(value)) for value in xyxy)
    cv2.rectangle(canvas, (left, top), (right, bottom), rgb_of(BOX_COLOR), thickness, cv2.LINE_AA)
    corners = np.rint(_CORNERS @ square_to_image(square).T).astype(np.int32)
    cv2.polylines(canvas, [corners], True, rgb_of(SQUARE_COLOR), thickness, cv2.LINE_AA)
    for x, y in () if landmarks is None else landmarks.tolist():
        center = (round(x), round(y))
        cv2.circle(canvas, center, 2 * thickness, rgb_of(BOX_COLOR), cv2.FILLED, cv2.LINE_AA)
    return canvas
