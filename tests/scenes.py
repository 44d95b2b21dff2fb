"""Pictures and video frames with average faces on them, so that nobody's photo is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces.sample_faces import load_samples


@dataclass(frozen=True)
class PlacedFace:
    """An average face somewhere on a picture.

    Attributes:
        label: whose average it is.
        center_xy: in pixels; may lie outside.
        side: of the square that is placed, in pixels; the face itself takes about half of it.
    """

    label: str
    center_xy: tuple[float, float]
    side: int = 200


def sample_scene(
    faces: Sequence[PlacedFace], *, width: int = 640, height: int = 480
) -> NDArray[np.uint8]:
    """Returns a gray picture with average faces on it, as a camera would see them.

    Args:
        faces: later ones cover earlier ones.
        width: of the picture in pixels.
        height: of the picture in pixels.

    Returns:
        `(height, width, 3)` RGB uint8.
    """
    scene = np.full((height, width, 3), 128, np.uint8)
    for face in faces:
        patch = _patch(face.label, face.side)
        left, top = (round(center - face.side / 2) for center in face.center_xy)
        rows, patch_rows = _shared(top, face.side, height)
        columns, patch_columns = _shared(left, face.side, width)
        scene[rows, columns] = patch[patch_rows, patch_columns]
    return scene


def _shared(start: int, length: int, limit: int) -> tuple[slice, slice]:
    """Returns what of `length` pixels lies within `limit`, there and counted from `start`."""
    first, last = (min(max(value, 0), limit) for value in (start, start + length))
    return slice(first, last), slice(first - start, last - start)


@lru_cache(maxsize=64)
def _patch(label: str, side: int) -> NDArray[np.uint8]:
    large = load_samples()[label]
    return np.asarray(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
