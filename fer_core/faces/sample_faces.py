"""Sample faces that show no real person: the average face of each emotion.

Averaged over FER2013's training images; created by `training`. Both detectors find all seven.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.imaging import read_image
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
    """Returns all samples on one image, `(768, 1536, 3)` RGB uint8, in rows of four and three."""
    faces = list(load_samples().values())
    side = len(faces[0])
    sheet = np.full((2 * side, 4 * side, 3), 255, np.uint8)
    for index, face in enumerate(faces):
        top, left = (position * side for position in divmod(index, 4))
        sheet[top : top + side, left : left + side] = face
    return sheet


def enlarge(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns an average face of 48 pixels enlarged and with a border, like the samples."""
    large = cv2.resize(face, None, fx=_ENLARGEMENT, fy=_ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
    bordered = cv2.copyMakeBorder(large, *(_BORDER,) * 4, cv2.BORDER_REPLICATE)
    return np.asarray(bordered, np.uint8)
