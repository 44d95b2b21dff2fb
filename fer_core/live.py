"""A live picture, one frame at a time, with settings that change while it runs.

It knows no camera and no browser: whoever has frames calls `process`.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.analysis import UNCERTAIN_BELOW, Analyzer, ImageAnalysis

RECENT_FRAMES: Final = 900
"""As many results are kept: a minute at 15 frames a second."""

_FPS_WINDOW_S: Final = 2.0


@dataclass(frozen=True, eq=False)
class FrameResult:
    """What one frame showed.

    Attributes:
        timestamp_s: when the frame was taken, by the caller's clock.
        latency_ms: time spent on it.
        threshold: below it a face is called uncertain; the setting at that moment.
        analysis: the faces.
    """

    timestamp_s: float
    latency_ms: float
    threshold: float
    analysis: ImageAnalysis


class LiveSession:
    """One person's live picture. One thread processes frames, others may read and change settings.

    Args:
        analyzer: finds and classifies faces; its detector should be made for `LIVE_SIDE`.
        threshold: below it a face is called uncertain.
    """

    def __init__(self, analyzer: Analyzer, *, threshold: float = UNCERTAIN_BELOW) -> None:
        self._lock = threading.Lock()
        self._analyzer = analyzer
        self._threshold = threshold
        self._latest: FrameResult | None = None
        self._recent: deque[FrameResult] = deque(maxlen=RECENT_FRAMES)

    def configure(
        self, *, analyzer: Analyzer | None = None, threshold: float | None = None
    ) -> None:
        """Changes settings from the next frame on; what is None stays as it is."""
        with self._lock:
            self._analyzer = self._analyzer if analyzer is None else analyzer
            self._threshold = self._threshold if threshold is None else threshold

    def process(self, frame: NDArray[np.uint8], timestamp_s: float) -> FrameResult:
        """Analyzes one frame and remembers the result.

        Args:
            frame: `(height, width, 3)` RGB uint8.
            timestamp_s: when it was taken; later frames have later times.
        """
        with self._lock:
            analyzer, threshold = self._analyzer, self._threshold
        started = time.perf_counter()
        analysis = analyzer.analyze(frame)
        latency_ms = (time.perf_counter() - started) * 1000.0
        result = FrameResult(timestamp_s, latency_ms, threshold, analysis)
        with self._lock:
            self._latest = result
            self._recent.append(dataclasses.replace(result, analysis=analysis.without_crops()))
        return result

    @property
    def latest(self) -> FrameResult | None:
        """The newest result with the faces' pixels, or None before the first frame."""
        with self._lock:
            return self._latest

    def recent(self) -> tuple[FrameResult, ...]:
        """Returns up to `RECENT_FRAMES` results, oldest first, without the faces' pixels."""
        with self._lock:
            return tuple(self._recent)

    def fps(self) -> float:
        """Returns processed frames a second over the last two seconds of frames; 0 for none."""
        times = [result.timestamp_s for result in self.recent()]
        window = [time_s for time_s in times if time_s > times[-1] - _FPS_WINDOW_S]
        if len(window) < 2:
            return 0.0
        elapsed_s = window[-1] - window[0]
        return (len(window) - 1) / elapsed_s if elapsed_s > 0 else 0.0
