"""The face detectors by name."""

from __future__ import annotations

import logging
from typing import Final

from fer_core.errors import ModelError
from fer_core.faces.detector import PHOTO_SIDE, Detector
from fer_core.faces.haar import SMALLEST_FACE as HAAR_SMALLEST_FACE
from fer_core.faces.haar import HaarDetector
from fer_core.faces.tiles import TiledDetector
from fer_core.faces.yunet import SMALLEST_FACE as YUNET_SMALLEST_FACE
from fer_core.faces.yunet import YuNetDetector

DETECTORS: Final = ("yunet", "haar")
"""Names of the face detectors, best first."""


def create_detector(name: str | None = None, *, longest_side: int = PHOTO_SIDE) -> Detector:
    """Creates a face detector.

    Threads that share a detector run one at a time; use one per thread for speed.

    Args:
        name: one of `DETECTORS`; None uses YuNet, or Haar (with a notice, also logged as a warning)
            if YuNet's file is not available.
        longest_side: larger images are shrunk to this many pixels before detection: `PHOTO_SIDE`
            for photos, `LIVE_SIDE` for live video. From `PHOTO_SIDE` up, large photos are also
            processed in tiles (`fer_core.faces.tiles`).

    Raises:
        ModelError: there is no detector of that name, or its file is not available.
    """
    if name == "haar":
        return _haar(longest_side)
    if name == "yunet":
        return _yunet(longest_side)
    if name is not None:
        raise ModelError(
            f"Unknown face detector. Expected one of {', '.join(DETECTORS)}. "
            f"Received: name={name!r}"
        )
    try:
        return _yunet(longest_side)
    except ModelError as error:
        notice = f"The simpler Haar face detector is used. {error}"
        logging.getLogger(__name__).warning(notice)
        return _haar(longest_side, notice)


def _yunet(longest_side: int) -> Detector:
    return _tiled(YuNetDetector(longest_side=longest_side), longest_side, YUNET_SMALLEST_FACE)


def _haar(longest_side: int, notice: str | None = None) -> Detector:
    detector = HaarDetector(longest_side=longest_side, notice=notice)
    return _tiled(detector, longest_side, HAAR_SMALLEST_FACE)


def _tiled(detector: Detector, longest_side: int, smallest_face: int) -> Detector:
    if longest_side < PHOTO_SIDE:
        return detector  # too slow for live video
    return TiledDetector(detector, tile_side=longest_side, smallest_face=smallest_face)
