"""Faces to try without anybody's photo: the average face of each emotion.

Averaged over FER2013's training images; `training` writes them. Both detectors find all seven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.imaging.decoding import read_image
from fer_core.labels import FER2013
from fer_core.paths import ASSETS

_FOLDER: Final = ASSETS / "average_faces"
_ENLARGEMENT: Final = 6
_BORDER: Final = 48


def load_samples() -> dict[str, NDArray[np.uint8]]:
    """Returns the average face of each emotion in FER2013's order, enlarged and with a border.

    Returns:
        By label, `(384, 384, 3)` RGB uint8.
    """
    return {label: enlarge(read_image(_FOLDER / f"{label}.png")) for label in FER2013}


def sample_sheet() -> NDArray[np.uint8]:
    """Returns all samples on one picture, `(768, 1536, 3)` RGB uint8, in rows of four and three."""
    faces = list(load_samples().values())
    side = len(faces[0])
    sheet = np.full((2 * side, 4 * side, 3), 255, np.uint8)
    for index, face in enumerate(faces):
        top, left = (position * side for position in divmod(index, 4))
        sheet[top : top + side, left : left + side] = face
    return sheet


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


def enlarge(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns an average face of 48 pixels enlarged and with a border, like the samples."""
    large = cv2.resize(face, None, fx=_ENLARGEMENT, fy=_ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
    bordered = cv2.copyMakeBorder(large, *(_BORDER,) * 4, cv2.BORDER_REPLICATE)
    return np.asarray(bordered, np.uint8)


def _shared(start: int, length: int, limit: int) -> tuple[slice, slice]:
    """Returns what of `length` pixels lies within `limit`, there and counted from `start`."""
    first, last = (min(max(value, 0), limit) for value in (start, start + length))
    return slice(first, last), slice(first - start, last - start)


@lru_cache(maxsize=64)
def _patch(label: str, side: int) -> NDArray[np.uint8]:
    large = load_samples()[label]
    return np.asarray(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
