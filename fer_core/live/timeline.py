"""Timeline of the last minutes: for each face, segments of one label."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fer_core.live.session import FrameResult
from fer_core.tracking import Segment, SegmentEncoder

if TYPE_CHECKING:
    import pandas as pd

KEPT_S: Final = 180.0
"""Length of a timeline in seconds."""

_LONGEST_GAP_S: Final = 0.7
_MOST_SEGMENTS: Final = 2000

_Said = tuple[str, str, float]
"""Label, model and threshold."""


@dataclass(frozen=True)
class LiveSegment:
    """One face under one label.

    Attributes:
        track_id: the face.
        label: an expression, or `face_columns.UNCERTAIN`.
        start_s: start time by the clock of the results.
        end_s: end time; equal to `start_s` for a single frame.
        confidence: mean probability of the label over the frames.
        model: name of the model that predicted the label.
        threshold: predictions with a lower probability were `uncertain`.
    """

    track_id: int
    label: str
    start_s: float
    end_s: float
    confidence: float
    model: str
    threshold: float


@dataclass(frozen=True)
class LiveTimeline:
    """The last minutes of live video.

    Attributes:
        segments: ordered by start time; those of one face do not overlap.
        now_s: end time of the timeline.
    """

    segments: tuple[LiveSegment, ...]
    now_s: float

    @property
    def track_ids(self) -> tuple[int, ...]:
        """The track IDs, in order of first appearance."""
        return tuple(sorted({segment.track_id for segment in self.segments}))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per segment; times are seconds before `now_s`, so 0 is now."""
        import pandas as pd  # slow to import

        rows = [
            (
                segment.track_id,
                segment.label,
                round(segment.start_s - self.now_s, 2),
                round(segment.end_s - self.now_s, 2),
                round(segment.confidence, 4),
                segment.model,
                segment.threshold,
            )
            for segment in self.segments
        ]
        columns = ["track_id", "prediction", "start_s", "end_s", "mean_confidence"]
        columns += ["model", "threshold"]
        return pd.DataFrame(rows, columns=columns)


class LiveTimelineRecorder:
    """Collects segments as results arrive. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._segments: deque[_Gathered] = deque(maxlen=_MOST_SEGMENTS)
        self._newest: dict[int, _Gathered] = {}
        self._results = 0

    def add(self, result: FrameResult) -> None:
        """Adds the next result; missed faces add nothing."""
        analysis = result.analysis
        with self._lock:
            self._forget(result.timestamp_s)
            self._results += 1
            for face in analysis.faces:
                if face.is_missed:
                    continue
                said = (face.prediction(analysis.threshold), analysis.model, analysis.threshold)
                self._add(face.track_id, result.timestamp_s, said, face.confidence)

    def snapshot(self, now_s: float) -> LiveTimeline:
        """Returns the last `KEPT_S` seconds; earlier segments are truncated."""
        with self._lock:
            self._forget(now_s)
            since_s = now_s - KEPT_S
            kept = (each for each in self._segments if each.segment.end_s >= since_s)
            return LiveTimeline(tuple(each.since(since_s) for each in kept), now_s)

    def _add(self, track_id: int, now_s: float, said: _Said, confidence: float) -> None:
        newest = self._newest.get(track_id)
        encoder = newest.encoder if newest else SegmentEncoder(_LONGEST_GAP_S, is_closed=True)
        ended = encoder.add(now_s, self._results, said)
        if newest is not None and ended is not None:
            newest.ended, newest = ended, None
        if newest is None:
            newest = self._newest[track_id] = _Gathered(track_id, encoder)
            self._segments.append(newest)
        newest.total += confidence

    def _forget(self, now_s: float) -> None:
        while self._segments and self._segments[0].segment.end_s < now_s - KEPT_S:
            gone = self._segments.popleft()
            if self._newest.get(gone.track_id) is gone:
                del self._newest[gone.track_id]


@dataclass(eq=False)
class _Gathered:
    """A segment that may still grow, and the sum of its confidences."""

    track_id: int
    encoder: SegmentEncoder[_Said]
    ended: Segment[_Said] | None = None
    total: float = 0.0

    @property
    def segment(self) -> Segment[_Said]:
        return self.encoder.segment if self.ended is None else self.ended

    def since(self, since_s: float) -> LiveSegment:
        label, model, threshold = self.segment.label
        return LiveSegment(
            track_id=self.track_id,
            label=label,
            start_s=max(self.segment.start_s, since_s),
            end_s=self.segment.end_s,
            confidence=self.total / self.segment.count,
            model=model,
            threshold=threshold,
        )
