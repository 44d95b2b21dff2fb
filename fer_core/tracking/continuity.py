"""Detects hard cuts between two sightings of a face.

After a hard cut another person may be exactly where the last one was, and motion alone cannot
distinguish them. A cut replaces a face together with its surroundings. So a track ends when both
have changed at once:

- the surroundings, a square of 2.5 times the face's side: they stay when a person turns the head,
  speaks or hides behind a hand;
- the face itself: it stays when a moving camera keeps a person in view.

Both are compared with the previous sighting as gray thumbnails, by normalized cross-correlation
with a tolerance for shifts, after histogram equalization, so that pans and exposure changes do not
count. Where a flash saturates pixels, the same number of the brightest pixels is made white in the
other thumbnail.

This is a continuity cue from one frame to the next, not face recognition: nothing is learned about
a face, two people may look alike to it, and returning faces are not matched. Only the thumbnail of
a track's latest sighting is kept, in memory, and is deleted with the track.

Limitation: a cut between people in front of the same background, with a static camera, looks like
one person who turned.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections, FaceSquare, crop_square, face_square

SURROUNDINGS_SIMILARITY: Final = 0.72
FACE_SIMILARITY: Final = (0.85, 0.75)
_FACE_TIMES_S: Final = (0.1, 0.5)
"""Below both similarities there was a cut; that of the face depends on the elapsed time. Measured
with `benchmarks/cut_cue.py` and YuNet: between frames of a clip, up to two seconds apart,
surroundings stay at 0.95 or above, with three times the exposure at 0.76; different people in
different places reach 0.63. The face stays at 0.86 or above for a tenth of a second and at 0.74 for
two seconds; those of different people reach 0.66."""

_SIDE: Final = 32
"""Side of both thumbnails in pixels."""
_SCALE: Final = 2.5
"""Side of the surroundings, relative to the side of the face."""
VIEW_SIDE: Final = round(_SIDE * _SCALE)
"""Side of a view, a face with its surroundings, in pixels."""

_FACE_SHIFT: Final = 3
_SURROUNDINGS_SHIFT: Final = 6
"""Largest shift in pixels of the thumbnails."""

_BRIGHT, _DARK = 240, 10
"""Pixels at or above this value may be saturated."""
_LEAST_CONTRAST: Final = 4.0
"""Smallest standard deviation of a thumbnail that can be compared."""
_LONGEST_SIDE: Final = 320
"""Images are first shrunk to this."""


def face_views(image: NDArray[np.uint8], detections: Detections) -> NDArray[np.uint8]:
    """Returns the views for `is_cut`: each face with its surroundings.

    Args:
        image: `(height, width, 3)` RGB uint8.
        detections: n faces on it.

    Returns:
        `(n, VIEW_SIDE, VIEW_SIDE)` uint8, gray.
    """
    views = np.empty((len(detections), VIEW_SIDE, VIEW_SIDE), np.uint8)
    if not len(detections):
        return views
    height, width = image.shape[:2]
    factor = min(1.0, _LONGEST_SIDE / max(height, width))
    size = max(1, round(factor * width)), max(1, round(factor * height))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    for row, xyxy in enumerate(detections.xyxy):
        # By the box only: landmarks are unstable during a flash.
        square = face_square(xyxy)
        x, y = square.center_xy
        around = FaceSquare((factor * x, factor * y), factor * _SCALE * square.side)
        crop = crop_square(gray, around)
        views[row] = cv2.resize(crop, (VIEW_SIDE, VIEW_SIDE), interpolation=cv2.INTER_AREA)
    return views


def is_cut(before: NDArray[np.uint8], now: NDArray[np.uint8], elapsed_s: float) -> bool:
    """Returns whether a face and its surroundings have both been replaced.

    Args:
        before: `(VIEW_SIDE, VIEW_SIDE)`, view of a face at its last sighting.
        now: view of a face found at the same place.
        elapsed_s: time between them.
    """
    around = similarity(surroundings(before), surroundings(now), _SURROUNDINGS_SHIFT)
    if around >= SURROUNDINGS_SIMILARITY:
        return False
    # A face that was seen a moment ago cannot look very different.
    limit = float(np.interp(elapsed_s, _FACE_TIMES_S, FACE_SIMILARITY))
    return similarity(face(before), face(now), _FACE_SHIFT) < limit


def face(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns the face of a view, `(32, 32)`."""
    start = (VIEW_SIDE - _SIDE) // 2
    return view[start : start + _SIDE, start : start + _SIDE]


def surroundings(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns all of a view, shrunk to `(32, 32)`."""
    return np.asarray(cv2.resize(view, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def similarity(first: NDArray[np.uint8], second: NDArray[np.uint8], shift: int) -> float:
    """Returns the largest normalized cross-correlation of two thumbnails, from -1 to 1.

    Args:
        first: `(32, 32)` uint8.
        second: the same.
        shift: maximum shift in pixels, in each direction.

    Returns:
        1 if one of them has too little contrast for a comparison.
    """
    # Pixels that are saturated in one of them are removed from the other too.
    bright = max(int(np.count_nonzero(each >= _BRIGHT)) for each in (first, second))
    dark = max(int(np.count_nonzero(each <= _DARK)) for each in (first, second))
    levels = [_levels(each, dark, bright) for each in (first, second)]
    if min(float(level.std()) for level in levels) < _LEAST_CONTRAST:
        return 1.0
    inner = slice(shift, -shift)
    return max(
        float(cv2.matchTemplate(whole, part[inner, inner], cv2.TM_CCOEFF_NORMED).max())
        for part, whole in (levels, levels[::-1])
    )


def _levels(thumbnail: NDArray[np.uint8], dark: int, bright: int) -> NDArray[np.uint8]:
    """Equalizes the histogram, with the given numbers of darkest and brightest pixels merged."""
    if thumbnail.std() < _LEAST_CONTRAST:
        return thumbnail
    level = np.asarray(cv2.equalizeHist(thumbnail), np.uint8)
    ranks = np.sort(level, axis=None)
    low = ranks[dark - 1] if dark else ranks[0]
    high = ranks[-bright] if bright else ranks[-1]
    return np.clip(level, min(low, high), high)
