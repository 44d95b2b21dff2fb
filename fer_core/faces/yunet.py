"""YuNet: a small neural network that finds faces and five points on each.

The network's file is not part of this project. It is downloaded once from OpenCV's repository, or
given by the environment variable `FER_YUNET_MODEL`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.faces.detector import PHOTO_SIDE, Detections, scale_for_detection
from fer_core.paths import cache_folder, cache_root

SMALLEST_FACE: Final = 12
"""Side in pixels of the detector input: it finds about half of such faces."""

_FILE: Final = "face_detection_yunet_2023mar.onnx"
_SHA256: Final = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
_SOURCES: Final = (
    f"https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/{_FILE}",
    f"https://huggingface.co/opencv/face_detection_yunet/resolve/main/{_FILE}",
)
_TIMEOUT_S: Final = 3.0
_RETRY_AFTER_S: Final = 300.0
_MIN_SCORE: Final = 0.7
_MAX_OVERLAP: Final = 0.3
_MAX_FACES: Final = 1000
_SMALLEST_INPUT: Final = 64


class YuNetDetector:
    """Finds faces, including tilted and partly turned ones, with five landmarks each.

    Args:
        longest_side: larger images are shrunk to this many pixels before detection.

    Raises:
        ModelError: the network's file is not available, or is not YuNet.
    """

    name = "yunet"
    notice: str | None = None

    def __init__(self, *, longest_side: int = PHOTO_SIDE) -> None:
        self._longest_side = longest_side
        self._in_use = threading.Lock()
        path = yunet_file()
        try:
            # OpenCV reports an unreadable file with its own error class and a long C++ message.
            self._network = cv2.FaceDetectorYN.create(
                str(path), "", (longest_side, longest_side), _MIN_SCORE, _MAX_OVERLAP, _MAX_FACES
            )
        except cv2.error as error:
            raise ModelError(
                f"{path} is not a YuNet face detector that OpenCV can read."
            ) from error

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces in an image, `(height, width, 3)` RGB uint8, ordered left to right."""
        scaled = scale_for_detection(image, self._longest_side)
        bgr = _widen(np.asarray(cv2.cvtColor(scaled.image, cv2.COLOR_RGB2BGR), np.uint8))
        with self._in_use:
            self._network.setInputSize((bgr.shape[1], bgr.shape[0]))
            rows = self._network.detect(bgr)[1]
        # Each row: box as left, top, width, height; five points as x, y; score. None for no face.
        found = cast("NDArray[np.float32] | None", rows)
        if found is None:
            return Detections.empty()
        return scaled.to_original(
            found[:, :4], np.clip(found[:, 14], 0, 1), found[:, 4:14].reshape(-1, 5, 2)
        )


def _widen(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # For a side of 32 pixels or less, OpenCV 4.14 uses uninitialized memory: the same narrow image
    # gives different faces each time, some with plausible boxes. A black margin on the right and
    # bottom makes it deterministic and shifts nothing.
    below, beside = (max(0, _SMALLEST_INPUT - side) for side in bgr.shape[:2])
    if not (below or beside):
        return bgr
    return np.asarray(cv2.copyMakeBorder(bgr, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)


def yunet_file() -> Path:
    """Returns the path of the network's file, downloading it once if needed.

    Raises:
        ModelError: `FER_YUNET_MODEL` does not name a file, or the file cannot be downloaded.
    """
    named = os.environ.get("FER_YUNET_MODEL")
    if not named:
        return _fetcher.fetch()
    if not Path(named).is_file():
        raise ModelError(
            f"FER_YUNET_MODEL must be the path of YuNet's file. Received: {named}, not a file."
        )
    return Path(named)


class _Fetcher:
    """Downloads the file; after a recent failure it fails again immediately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed_at: float | None = None

    def fetch(self) -> Path:
        with self._lock:
            try:
                cache_folder("detectors")
            except OSError as error:
                raise ModelError(
                    f"YuNet's file cannot be stored in the cache folder {cache_root()}: "
                    f"{error.strerror or error}. Make the folder writable, or set the path of a "
                    f"copy of {_FILE} in "
                    "FER_YUNET_MODEL."
                ) from error
            if self._failed_at is None or time.monotonic() - self._failed_at > _RETRY_AFTER_S:
                self._failed_at = None
                for source in _SOURCES:
                    try:
                        return _retrieve(source)
                    except Exception as error:  # no network, no disk space, or wrong content
                        logging.getLogger(__name__).info("%s: %s", source, error)
                self._failed_at = time.monotonic()
        raise ModelError(
            "YuNet's file could not be downloaded. Connect to the internet once, or set the path "
            f"of a copy of {_FILE} in FER_YUNET_MODEL."
        )


def _retrieve(source: str) -> Path:
    import pooch  # imported here because it is slow

    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(timeout=_TIMEOUT_S)
    folder = cache_folder("detectors")
    return Path(pooch.retrieve(source, f"sha256:{_SHA256}", _FILE, folder, downloader=downloader))


_fetcher = _Fetcher()
