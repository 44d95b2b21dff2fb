"""Tiled detection on large photos, where that may find more faces.

A detector shrinks a photo to `PHOTO_SIDE` first. On a panorama of 12000x2000 pixels, a 150-pixel
face is then 8 pixels wide and is not found. So a photo with a side of 3840 pixels or more is
processed as a whole, and then also shrunk to a quarter in overlapping tiles, where

- no face was found, or one so small that others may be too small,
- or the photo has a large aspect ratio: then a near face says nothing about those far away.

Each tile costs one more detection at `PHOTO_SIDE`. With YuNet that adds 140 ms of processor time
for 12000x2000 or 6000x4000 pixels, with Haar ten times as much (`benchmarks/large_photos.py`). At
40 megapixels it needs 30 MB more memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.faces.detector import Detections, Detector, scale_for_detection
from fer_core.imaging import check_image

SHRINKING: Final = 4
"""Scale of the photo for tiling: a face of 48 pixels, the classifier input, is then as large as the
smallest that YuNet finds. OpenCV is fast at integer factors."""

_WORTHWHILE: Final = 1.5
"""Tiles must show a face this many times larger than the whole image does."""

_SMALL: Final = 1.5
"""A face of up to this many times the smallest size indicates that there may be smaller ones."""

_LONG: Final = 2.5
"""From this aspect ratio up, near people say nothing about those far away."""

_OVERLAP: Final = 32
"""Overlap of tiles, in pixels of the whole shrunk image, on which larger faces are found."""

_EDGE: Final = 4
"""A face that ends within this many pixels of a tile's edge may be cut off."""

_MAX_SHARED: Final = 0.5
"""Two boxes are the same face if they share more than this fraction of the smaller one."""


class TiledDetector:
    """Also finds small faces on large photos.

    Args:
        detector: used on the whole image and on each tile.
        tile_side: input side of `detector` in pixels, which it does not shrink.
        smallest_face: side in pixels of the smallest faces that `detector` finds.
    """

    def __init__(self, detector: Detector, *, tile_side: int, smallest_face: int) -> None:
        self.name = detector.name
        self.notice = detector.notice
        self._detector = detector
        self._tile_side = tile_side
        self._smallest_face = smallest_face

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces in an image, `(height, width, 3)` RGB uint8, ordered left to right."""
        check_image(image)
        longest = round(max(image.shape[:2]) / SHRINKING)
        ratio = longest / self._tile_side
        if ratio < _WORTHWHILE:
            return self._detector.detect(image)
        scaled = scale_for_detection(image, longest)
        found = self._detector.detect(scaled.image)
        if self._may_show_more(found, scaled.image, ratio):
            overlap = min(round(_OVERLAP * ratio), self._tile_side // 2)
            found = _merge(found, self._detect_in_tiles(scaled.image, overlap), overlap)
        xywh = np.concatenate([found.xyxy[:, :2], found.xyxy[:, 2:] - found.xyxy[:, :2]], axis=1)
        return scaled.to_original(xywh, found.score, found.landmarks)

    def _may_show_more(self, found: Detections, image: NDArray[np.uint8], ratio: float) -> bool:
        if not len(found) or max(image.shape[:2]) >= _LONG * min(image.shape[:2]):
            return True
        return bool(_sides(found).min() <= _SMALL * self._smallest_face * ratio)

    def _detect_in_tiles(self, image: NDArray[np.uint8], overlap: int) -> Detections:
        """Returns the faces that no tile edge cuts off, once for each tile they are in."""
        height, width = image.shape[:2]
        found = []
        for top, bottom in tile_spans(height, self._tile_side, overlap):
            for left, right in tile_spans(width, self._tile_side, overlap):
                seen = self._detector.detect(image[top:bottom, left:right])
                # A face at the image's own edge is not whole in any other tile.
                is_inner = [left > 0, top > 0, right < width, bottom < height]
                far_corner = np.array([right - left, bottom - top], np.float32)
                gaps = np.hstack([seen.xyxy[:, :2], far_corner - seen.xyxy[:, 2:]])
                is_cut = ((gaps <= _EDGE) & is_inner).any(axis=1)
                found.append(_moved(_rows(seen, np.flatnonzero(~is_cut)), left, top))
        return _joined(found)


def tile_spans(length: int, tile_side: int, overlap: int) -> list[tuple[int, int]]:
    """Returns the start and end of tiles along one side of an image: few, and of equal size.

    Args:
        length: length of that side in pixels.
        tile_side: maximum side of a tile, in pixels.
        overlap: minimum overlap of neighbors, in pixels; less than `tile_side`.
    """
    if length <= tile_side:
        return [(0, length)]
    count = -(-(length - overlap) // (tile_side - overlap))
    side = -(-(length + (count - 1) * overlap) // count)
    starts = np.linspace(0, length - side, count).astype(int)
    return [(int(start), int(start) + side) for start in starts]


def _merge(whole: Detections, tiles: Detections, overlap: int) -> Detections:
    """Keeps each face once: a large one from the whole image, a small one from a tile.

    So part of a large face that is detected as a face is dropped, and none that was found on the
    whole image is lost.
    """
    found = _joined([whole, tiles])
    is_large = _sides(whole) >= overlap
    rank = np.concatenate([np.where(is_large, 0, 2), np.ones(len(tiles), int)])
    waiting = np.lexsort((-found.score, rank))
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        waiting = waiting[_shared(found.xyxy[best], found.xyxy[waiting]) <= _MAX_SHARED]
    return _rows(found, np.array(kept, int))


def _shared(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the intersection of a box, `(4,)`, with others, `(n, 4)`, over the smaller area."""
    least, most = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.clip(most - least, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(common / np.minimum(areas, (box[2:] - box[:2]).prod()), np.float32)


def _sides(found: Detections) -> NDArray[np.float32]:
    """Returns the longer side of each box in pixels."""
    return np.asarray((found.xyxy[:, 2:] - found.xyxy[:, :2]).max(axis=1), np.float32)


def _rows(found: Detections, rows: NDArray[np.intp]) -> Detections:
    points = None if found.landmarks is None else found.landmarks[rows]
    return Detections(found.xyxy[rows], found.score[rows], points)


def _moved(found: Detections, x: int, y: int) -> Detections:
    by = np.array([x, y], np.float32)
    points = None if found.landmarks is None else found.landmarks + by
    return Detections(found.xyxy + np.tile(by, 2), found.score, points)


def _joined(parts: list[Detections]) -> Detections:
    filled = [part for part in parts if len(part)]
    if not filled:
        return Detections.empty()
    points = [part.landmarks for part in filled if part.landmarks is not None]
    return Detections(
        np.concatenate([part.xyxy for part in filled]),
        np.concatenate([part.score for part in filled]),
        np.concatenate(points) if points else None,
    )
