"""What a face looked like when it showed an expression most clearly. In memory only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections, crop_square, face_square
from fer_core.tracking import (
    SHORTEST_EVENT_S,
    SmoothedPredictions,
    is_long_enough,
    is_uninterrupted,
)
from fer_core.video.timeline import LONGEST_GAP_S, Event

THUMBNAIL_SIDE: Final = 112
MOST_PEAKS: Final = 200
"""Once so many events with a picture are over, those that begin get none: 8 MB."""


@dataclass(frozen=True, eq=False)
class Peak:
    """One face at its most expressive.

    Attributes:
        timestamp_s: when.
        probability: of the expression, averaged over time.
        thumbnail: `(THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)` RGB uint8.
    """

    timestamp_s: float
    probability: float
    thumbnail: NDArray[np.uint8]


@dataclass(eq=False)
class _Stretch:
    """One face with the same label since `start_s`, last seen at `last_s` on frame `last_frame`."""

    label: int
    start_s: float
    last_s: float
    last_frame: int
    peak: Peak


class PeakFaces:
    """Keeps one picture for each event: pass it to `analyze_video` as `on_faces`.

    What makes an event is what does in `Timeline.events`.
    """

    def __init__(self) -> None:
        self._frames = 0
        self._under_way: dict[int, _Stretch] = {}  # by face
        self._over: dict[tuple[int, float], Peak] = {}  # by face and start

    def __call__(
        self,
        timestamp_s: float,
        image: NDArray[np.uint8],
        detections: Detections,
        faces: SmoothedPredictions,
    ) -> None:
        """Looks at the faces of one frame."""
        self._frames += 1
        tracks = faces.track_ids
        labels = [-1 if held.is_uncertain else held.index for held in faces.held]
        self._end_stretches(timestamp_s, dict(zip(tracks, labels, strict=True)))
        is_full = len(self._over) >= MOST_PEAKS
        for row, (track, label) in enumerate(zip(tracks, labels, strict=True)):
            stretch = self._under_way.get(track)
            if label < 0 or (stretch is None and is_full):
                continue
            probability = float(faces.probabilities[row, label])
            if stretch is None:
                peak = Peak(timestamp_s, probability, _thumbnail(image, detections, row))
                self._under_way[track] = _Stretch(
                    label, timestamp_s, timestamp_s, self._frames, peak
                )
                continue
            stretch.last_s, stretch.last_frame = timestamp_s, self._frames
            if probability > stretch.peak.probability:
                stretch.peak = Peak(timestamp_s, probability, _thumbnail(image, detections, row))

    def of(self, event: Event) -> Peak | None:
        """Returns the picture of an event; None where it began after `MOST_PEAKS` were over."""
        stretch = self._under_way.get(event.track)
        if stretch is not None and stretch.start_s == event.start_s:
            return stretch.peak
        return self._over.get((event.track, event.start_s))

    def _end_stretches(self, timestamp_s: float, label_of: dict[int, int]) -> None:
        for track, stretch in [*self._under_way.items()]:
            gap_s, steps = timestamp_s - stretch.last_s, self._frames - stretch.last_frame
            is_away = not is_uninterrupted(gap_s, steps, LONGEST_GAP_S)
            if is_away or label_of.get(track, stretch.label) != stretch.label:
                del self._under_way[track]
                if is_long_enough(stretch.last_s - stretch.start_s, SHORTEST_EVENT_S):
                    self._over[track, stretch.start_s] = stretch.peak


def _thumbnail(image: NDArray[np.uint8], found: Detections, row: int) -> NDArray[np.uint8]:
    points = None if found.landmarks is None else found.landmarks[row]
    crop = crop_square(image, face_square(found.xyxy[row], points))
    side = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return np.asarray(cv2.resize(crop, side, interpolation=cv2.INTER_AREA), np.uint8)
