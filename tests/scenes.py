"""Pictures and video frames with average faces, so that no photos of people are needed."""

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
        label: label of the average face.
        center_xy: center in pixels; may be outside the picture.
        side: side of the placed square in pixels; the face itself takes about half of it.
    """

    label: str
    center_xy: tuple[float, float]
    side: int = 200


def sample_scene(
    faces: Sequence[PlacedFace], *, width: int = 640, height: int = 480
) -> NDArray[np.uint8]:
    """Returns a gray picture with average faces, like a camera picture.

    Args:
        faces: later ones cover earlier ones.
        width: width of the picture in pixels.
        height: height of the picture in pixels.

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
    """Returns the part of `length` pixels within `limit`: its slices in the picture and face."""
    first, last = (min(max(value, 0), limit) for value in (start, start + length))
    return slice(first, last), slice(first - start, last - start)


@lru_cache(maxsize=64)
def _patch(label: str, side: int) -> NDArray[np.uint8]:
    large = load_samples()[label]
    return np.asarray(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
