"""Draws explanations over the face crop and over the photo."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.explain import Explanation
from fer_core.faces import FaceSquare, square_to_image

_OPACITY: Final = 0.65
"""Opacity of the color where the map is 1; where it is 0 the image is unchanged."""

_PHOTO_SIDE: Final = 1280


def over_face(crop: NDArray[np.uint8], explanation: Explanation) -> NDArray[np.uint8]:
    """Draws the map over its face crop.

    Args:
        crop: `(side, side, 3)` RGB or `(side, side)` gray, uint8, the face crop.
        explanation: of that face.

    Returns:
        RGB uint8 of the same side, or of the map's side if that is larger.
    """
    side = max(len(crop), len(explanation.map))
    rgb = crop if crop.ndim == 3 else cv2.cvtColor(crop, cv2.COLOR_GRAY2RGB)
    face = np.asarray(cv2.resize(rgb, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    heat = cv2.resize(explanation.map, (side, side), interpolation=cv2.INTER_LINEAR)
    return _blend(face, np.asarray(heat, np.float32))


def over_photo(
    image: NDArray[np.uint8], square: FaceSquare, explanation: Explanation
) -> NDArray[np.uint8]:
    """Draws the map at the position of the face on the photo.

    Args:
        image: `(height, width, 3)` RGB uint8.
        square: the square crop for the classifier.
        explanation: of that face.

    Returns:
        RGB uint8, the photo, shrunk if its longest side exceeds 1280 pixels.
    """
    shrink = min(1.0, _PHOTO_SIDE / max(image.shape[:2]))
    photo = np.asarray(
        cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
    )
    return _blend(photo, _on_photo(explanation.map, square, image.shape, photo.shape))


def _on_photo(
    map_: NDArray[np.float32],
    square: FaceSquare,
    image_shape: tuple[int, ...],
    photo_shape: tuple[int, ...],
) -> NDArray[np.float32]:
    """Returns the map in the photo's pixels, 0 outside the face."""
    (height, width), (photo_height, photo_width) = image_shape[:2], photo_shape[:2]
    scale = np.diag([photo_width / width, photo_height / height])
    matrix = square_to_image(square)
    # From the map's pixel centers to positions 0..1 in the square, then to the (shrunk) photo.
    per_pixel = matrix[:, :2] / len(map_)
    offset = matrix[:, 2] + per_pixel @ (0.5, 0.5)
    matrix = np.column_stack([scale @ per_pixel, scale @ (offset + 0.5) - 0.5])
    return np.asarray(cv2.warpAffine(map_, matrix, (photo_width, photo_height)), np.float32)


def _blend(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    levels = np.rint(heat * 255).astype(np.uint8)
    color = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    opacity = (_OPACITY * heat)[..., np.newaxis]
    return np.asarray(np.rint(image * (1 - opacity) + color * opacity), np.uint8)
