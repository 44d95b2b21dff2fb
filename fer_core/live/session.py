"""A live picture, one frame at a time, with settings that change while it runs.

It knows no camera and no browser: whoever has frames calls `process`.

>>> session = LiveSession(load_analyzer())
>>> result = session.process(frame, timestamp_s)
>>> [(face.track_id, face.label) for face in result.analysis.faces]
[(1, 'happy')]
"""

from __future__ import annotations

import dataclasses
import math
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import LIVE_SIDE
from fer_core.live.effort import Effort, EffortController
from fer_core.recognition import Analyzer
from fer_core.tracking import TrackedAnalysis, TrackedAnalyzer, TrackingConfig

if TYPE_CHECKING:
    import pandas as pd

LONGEST_BLIND_S: Final = 0.3
"""Faces are looked for at least this often, for people turn: where frames are rare, on each."""


@dataclass(frozen=True)
class LiveSettings:
    """Everything that may be changed while a live picture runs; no face is lost by it.

    Attributes:
        follow: threshold, smoothing, number of faces.
        detect_every: faces are looked for on every n-th frame and followed in between, but for no
            longer than `LONGEST_BLIND_S`.
        detection_side: the frame is shrunk to this many pixels before looking for faces.
        budget_ms: what a frame may take on average before less is done.
    """

    follow: TrackingConfig = field(default_factory=TrackingConfig)
    detect_every: int = 2
    detection_side: int = LIVE_SIDE
    budget_ms: float = 35.0


@dataclass(frozen=True, eq=False)
class FrameResult:
    """What one frame showed.

    Attributes:
        timestamp_s: when the frame was taken, by the caller's clock.
        latency_ms: time spent on it.
        analysis: the faces.
        detected: whether faces were looked for; else those known were followed.
        effort: how much was done, and whether that was less than wanted.
    """

    timestamp_s: float
    latency_ms: float
    analysis: TrackedAnalysis
    detected: bool
    effort: Effort

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face: the time, then as for `TrackedAnalysis`."""
        frame = self.analysis.to_frame()
        frame.insert(0, "timestamp_s", self.timestamp_s)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Returns everything but the pixels as plain JSON values."""
        return self.analysis.to_dict() | {
            "timestamp_s": round(self.timestamp_s, 4),
            "latency_ms": round(self.latency_ms, 2),
            "detected": self.detected,
            "pace": dataclasses.asdict(self.effort),
        }


class LiveSession:
    """One person's live picture. One thread processes frames, others may read and change settings.

    Args:
        analyzer: finds and classifies faces; its detector should be made for `LIVE_SIDE`.
        settings: at the beginning.
    """

    def __init__(self, analyzer: Analyzer, settings: LiveSettings | None = None) -> None:
        self._lock = threading.Lock()
        self._analyzer = analyzer
        self._settings = settings or LiveSettings()
        self._latest: FrameResult | None = None
        self._follower = TrackedAnalyzer(analyzer, self._settings.follow)
        self._controlled_by = self._settings
        self._controller = _controller(self._settings)
        self._since_detection = 0
        self._detected_s = -math.inf

    @property
    def settings(self) -> LiveSettings:
        """Those of the next frame."""
        with self._lock:
            return self._settings

    def configure(
        self, *, analyzer: Analyzer | None = None, settings: LiveSettings | None = None
    ) -> None:
        """Changes things from the next frame on; what is None stays as it is."""
        with self._lock:
            self._analyzer = self._analyzer if analyzer is None else analyzer
            self._settings = self._settings if settings is None else settings

    def process(self, frame: NDArray[np.uint8], timestamp_s: float) -> FrameResult:
        """Analyzes one frame.

        Args:
            frame: `(height, width, 3)` RGB uint8.
            timestamp_s: when it was taken, never earlier than the one before.

        Raises:
            ImageArrayError: `frame` is something else, has another shape or dtype, or no pixels.
            ValueError: time ran backwards.
        """
        with self._lock:
            analyzer, settings = self._analyzer, self._settings
        self._follower.analyzer, self._follower.settings = analyzer, settings.follow
        if _effort_settings(settings) != _effort_settings(self._controlled_by):
            self._controlled_by, self._controller = settings, _controller(settings)
        effort = self._controller.effort
        detect = (
            self._since_detection >= effort.detect_every
            or timestamp_s - self._detected_s > LONGEST_BLIND_S
        )
        started = time.perf_counter()
        analysis = self._follower.analyze(
            frame, timestamp_s, detect=detect, detection_side=effort.detection_side
        )
        latency_ms = (time.perf_counter() - started) * 1000.0
        self._since_detection = 1 if detect else self._since_detection + 1
        self._detected_s = timestamp_s if detect else self._detected_s
        self._controller.record(latency_ms, timestamp_s)
        result = FrameResult(timestamp_s, latency_ms, analysis, detect, effort)
        with self._lock:
            self._latest = result
        return result

    @property
    def latest(self) -> FrameResult | None:
        """The newest result with the faces' pixels, or None before the first frame."""
        with self._lock:
            return self._latest


def _effort_settings(settings: LiveSettings) -> tuple[int, int, float]:
    return settings.detect_every, settings.detection_side, settings.budget_ms


def _controller(settings: LiveSettings) -> EffortController:
    return EffortController(*_effort_settings(settings))
