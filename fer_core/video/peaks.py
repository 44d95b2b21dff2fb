"""Thumbnails of faces at the peak of an expression. In memory only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces import crop_square
from fer_core.recognition import FaceResult, Faces
from fer_core.tracking import SHORTEST_EVENT_S, Segment, SegmentEncoder, is_long_enough
from fer_core.video.timeline import LONGEST_GAP_S, Event

THUMBNAIL_SIDE: Final = 112
MAX_PEAKS: Final = 200
"""Maximum number of finished events with a thumbnail; later events get none: 8 MB."""


@dataclass(frozen=True, eq=False)
class Peak:
    """The peak of an event of one face.

    Attributes:
        timestamp_s: time of the peak.
        probability: of the expression, smoothed over time.
        thumbnail: `(THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)` RGB uint8.
    """

    timestamp_s: float
    probability: float
    thumbnail: NDArray[np.uint8]


class PeakFaces:
    """Keeps one thumbnail per event: pass it to `analyze_video` as `on_faces`.

    Events are defined as in `VideoTimeline.events`.
    """

    def __init__(self) -> None:
        self._frames = 0
        self._encoders: dict[int, SegmentEncoder[int]] = {}  # by face
        self._under_way: dict[int, Peak] = {}  # by face
        self._over: dict[tuple[int, float], Peak] = {}  # by face and start

    def __call__(self, timestamp_s: float, image: NDArray[np.uint8], faces: Faces) -> None:
        """Processes the faces of one frame."""
        self._frames += 1
        for track, encoder in [*self._encoders.items()]:
            if encoder.is_over(timestamp_s, self._frames):
                self._end(track, encoder.segment)
                del self._encoders[track]
        called = faces.predicted(0.0).tolist()  # hysteresis has applied the threshold already
        for face, label in zip(faces, called, strict=True):
            encoder = self._encoders.setdefault(face.track_id, SegmentEncoder(LONGEST_GAP_S))
            self._end(face.track_id, encoder.add(timestamp_s, self._frames, label))
        is_full = len(self._over) >= MAX_PEAKS
        for face, label in zip(faces, called, strict=True):
            peak = self._under_way.get(face.track_id)
            if label < 0 or (peak is None and is_full):
                continue
            if peak is None or face.confidence > peak.probability:
                thumbnail = _thumbnail(image, face)
                self._under_way[face.track_id] = Peak(timestamp_s, face.confidence, thumbnail)

    def of(self, event: Event) -> Peak | None:
        """Returns the peak of an event; None if it began after `MAX_PEAKS` were finished."""
        encoder = self._encoders.get(event.track)
        if encoder is not None and encoder.segment.start_s == event.start_s:
            return self._under_way.get(event.track)
        return self._over.get((event.track, event.start_s))

    def _end(self, track: int, segment: Segment[int] | None) -> None:
        peak = None if segment is None else self._under_way.pop(track, None)
        if segment is None or peak is None:
            return
        if is_long_enough(segment.end_s - segment.start_s, SHORTEST_EVENT_S):
            self._over[track, segment.start_s] = peak


def _thumbnail(image: NDArray[np.uint8], face: FaceResult) -> NDArray[np.uint8]:
    crop = crop_square(image, face.square)
    side = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return np.asarray(cv2.resize(crop, side, interpolation=cv2.INTER_AREA), np.uint8)
