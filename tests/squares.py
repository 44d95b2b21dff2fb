"""An analyzer with known predictions, and pictures for it: bright and dark squares as faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections, Detector
from fer_core.recognition.analyzer import Analyzer
from tests.stand_ins import brightness_classifier

DARK, BRIGHT = 80, 220
"""Brightness of a face predicted as angry, and of one predicted as neutral."""


class SquareDetector:
    """Finds the squares on a black picture, from left to right: at most one in each half."""

    name = "squares"
    notice: str | None = None

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        half = image.shape[1] // 2
        boxes = []
        for left in (0, half):
            rows, columns = np.nonzero(image[:, left : left + half].max(axis=2) > 30)
            if len(rows) > 100:
                x, y = columns + left, rows
                boxes.append((x.min(), y.min(), x.max() + 1, y.max() + 1))
        xyxy = np.array(boxes, np.float32).reshape(-1, 4)
        return Detections(xyxy, np.full(len(xyxy), 0.75, np.float32))


def square_analyzer(detector: Detector | None = None) -> Analyzer:
    """Returns an analyzer whose predictions have a probability of 0.9.

    Args:
        detector: instead of `SquareDetector`.
    """
    return Analyzer(brightness_classifier(), detector or SquareDetector())


def squares(left: int | None = None, right: int | None = None) -> NDArray[np.uint8]:
    """Returns a black picture with a square of the given brightness in each half."""
    image = np.zeros((120, 240, 3), np.uint8)
    for brightness, at in ((left, 30), (right, 150)):
        if brightness is not None:
            image[30:90, at : at + 60] = brightness
    return image
