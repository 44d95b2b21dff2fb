"""Performance of live video: fps, latency, dropped frames."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

WINDOW_S: Final = 5.0
"""Statistics cover this many last seconds."""


@dataclass(frozen=True)
class LiveRates:
    """Statistics of the last `WINDOW_S` seconds; all 0 without frames.

    Attributes:
        fps: results per second.
        latency_ms: median processing time of a frame.
        age_ms_p50: median end-to-end latency, from the arrival of a frame to its drawn result.
        age_ms_p95: 95th percentile of the end-to-end latency.
        dropped: fraction in [0, 1] of arrived frames that were dropped for newer ones.
        dropped_total: number of dropped frames since the start.
    """

    fps: float
    latency_ms: float
    age_ms_p50: float
    age_ms_p95: float
    dropped: float
    dropped_total: int


@dataclass(frozen=True)
class _Sample:
    done_s: float
    age_ms: float
    latency_ms: float
    dropped: int


class LiveMeter:
    """Collects frame statistics. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: deque[_Sample] = deque()
        self._dropped_total = 0

    def add(self, *, arrived_s: float, done_s: float, latency_ms: float, dropped: int) -> None:
        """Records a result.

        Args:
            arrived_s: arrival time of the frame.
            done_s: time when its result was drawn, by the same clock; never earlier than the last
                one.
            latency_ms: processing time.
            dropped: frames dropped since the last result.
        """
        with self._lock:
            self._dropped_total += dropped
            age_ms = (done_s - arrived_s) * 1000.0
            self._samples.append(_Sample(done_s, age_ms, latency_ms, dropped))
            self._forget(done_s)

    def rates(self, now_s: float) -> LiveRates:
        """Returns the statistics of the last `WINDOW_S` seconds."""
        with self._lock:
            self._forget(now_s)
            samples, dropped_total = tuple(self._samples), self._dropped_total
        if not samples:
            return LiveRates(0.0, 0.0, 0.0, 0.0, 0.0, dropped_total)
        elapsed_s = samples[-1].done_s - samples[0].done_s
        p50, p95 = np.percentile([sample.age_ms for sample in samples], (50, 95))
        dropped = sum(sample.dropped for sample in samples)
        return LiveRates(
            fps=(len(samples) - 1) / elapsed_s if elapsed_s > 0 else 0.0,
            latency_ms=float(np.median([sample.latency_ms for sample in samples])),
            age_ms_p50=float(p50),
            age_ms_p95=float(p95),
            dropped=dropped / (dropped + len(samples)),
            dropped_total=dropped_total,
        )

    def _forget(self, now_s: float) -> None:
        while self._samples and self._samples[0].done_s < now_s - WINDOW_S:
            self._samples.popleft()
