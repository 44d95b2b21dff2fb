"""OpenCV's Haar cascade: built in, always available, frontal faces only."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import cv2
import cv2.data
import numpy as np
from numpy.typing import NDArray

from fer_core.faces.detector import PHOTO_SIDE, Detections, scale_for_detection

_CASCADE: Final = "haarcascade_frontalface_alt2.xml"
_SCALE_STEP: Final = 1.1
SMALLEST_FACE: Final = 24
"""Smallest side of a face in pixels of the detector input."""

_MIN_NEIGHBORS: Final = 5
"""With 5 there are no false positives on the test photos; with 3 there are some."""


class HaarDetector:
    """Finds frontal faces with `haarcascade_frontalface_alt2`.

    It gives no landmarks. The eye cascades are not used: they would only help to rotate tilted
    faces upright, and this cascade finds none that are tilted enough; its own box is better for the
    position and size of the crop (FER2013 was cropped with such a detector).

    The score is n / (n + 5) for n overlapping hits. It ranks faces; it is not a probability.

    Args:
        longest_side: larger images are shrunk to this many pixels before detection.
        notice: one line for the user on why this detector is used.
    """

    name = "haar"

    def __init__(self, *, longest_side: int = PHOTO_SIDE, notice: str | None = None) -> None:
        self.notice = notice
        self._longest_side = longest_side
        self._in_use = threading.Lock()
        self._cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / _CASCADE))

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces in an image, `(height, width, 3)` RGB uint8, ordered left to right."""
        scaled = scale_for_detection(image, self._longest_side)
        gray = cv2.cvtColor(scaled.image, cv2.COLOR_RGB2GRAY)
        with self._in_use:
            boxes, hits = self._cascade.detectMultiScale2(
                gray,
                scaleFactor=_SCALE_STEP,
                minNeighbors=_MIN_NEIGHBORS,
                minSize=(SMALLEST_FACE, SMALLEST_FACE),
            )
        if len(boxes) == 0:
            return Detections.empty()
        counts = np.asarray(hits, np.float32)
        score = counts / (counts + _MIN_NEIGHBORS)
        return scaled.to_original(np.asarray(boxes, np.float32), score)
