"""Live video, one frame at a time, with settings that can change while it runs.

Independent of camera and browser: call `process` for each frame.

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
from fer_core.recognition import Analyzer, ImageAnalysis
from fer_core.tracking import TrackedAnalyzer, TrackingConfig

if TYPE_CHECKING:
    import pandas as pd

MAX_DETECTION_INTERVAL_S: Final = 0.3
"""Longest time between detections, because people turn; if frames are rare, on each frame."""


@dataclass(frozen=True)
class LiveSettings:
    """Settings that can be changed while live video runs, without losing tracks.

    Attributes:
        follow: threshold, smoothing, number of faces.
        detect_every: faces are detected on every n-th frame and tracked in between, but for no
            longer than `MAX_DETECTION_INTERVAL_S`.
        detection_side: the frame is shrunk to this many pixels before detection.
        budget_ms: average time per frame above which the effort is reduced.
    """

    follow: TrackingConfig = field(default_factory=TrackingConfig)
    detect_every: int = 2
    detection_side: int = LIVE_SIDE
    budget_ms: float = 35.0


@dataclass(frozen=True, eq=False)
class FrameResult:
    """The result of one frame.

    Attributes:
        timestamp_s: time of the frame, by the caller's clock.
        latency_ms: processing time.
        analysis: the faces.
        detected: whether the detector was run; otherwise known faces were tracked.
        effort: the effort for the frame, and whether it was reduced.
    """

    timestamp_s: float
    latency_ms: float
    analysis: ImageAnalysis
    detected: bool
    effort: Effort

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face: the time, then as for `ImageAnalysis`."""
        frame = self.analysis.to_frame()
        frame.insert(0, "timestamp_s", self.timestamp_s)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Returns everything except pixels as plain JSON values."""
        return self.analysis.to_dict() | {
            "timestamp_s": round(self.timestamp_s, 4),
            "latency_ms": round(self.latency_ms, 2),
            "detected": self.detected,
            "pace": dataclasses.asdict(self.effort),
        }


class LiveSession:
    """Live video of one client. One thread processes frames, others may read and change settings.

    Args:
        analyzer: detects and classifies faces; its detector should use `LIVE_SIDE`.
        settings: initial settings.
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
        """The settings of the next frame."""
        with self._lock:
            return self._settings

    def configure(
        self, *, analyzer: Analyzer | None = None, settings: LiveSettings | None = None
    ) -> None:
        """Changes settings from the next frame on; None keeps a value."""
        with self._lock:
            self._analyzer = self._analyzer if analyzer is None else analyzer
            self._settings = self._settings if settings is None else settings

    def process(self, frame: NDArray[np.uint8], timestamp_s: float) -> FrameResult:
        """Analyzes one frame.

        Args:
            frame: `(height, width, 3)` RGB uint8.
            timestamp_s: time of the frame, never earlier than the previous one.

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
            or timestamp_s - self._detected_s > MAX_DETECTION_INTERVAL_S
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
        """The latest result with face crops, or None before the first frame."""
        with self._lock:
            return self._latest


def _effort_settings(settings: LiveSettings) -> tuple[int, int, float]:
    return settings.detect_every, settings.detection_side, settings.budget_ms


def _controller(settings: LiveSettings) -> EffortController:
    return EffortController(*_effort_settings(settings))
