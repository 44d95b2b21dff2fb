"""A track: its state at one time, and the Kalman filter that estimates it.

Each face has its own Kalman filter: its center moves at constant velocity with random
accelerations, its size drifts (continuous white noise acceleration: Bar-Shalom, Li and Kirubarajan
2001, Estimation with Applications to Tracking and Navigation). Noise is relative to the face size:
a near face may move more pixels than a far one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections

_POSITION_VARIANCE: Final = 0.04**2
"""Standard deviation of a detector's box from frame to frame, in face sizes."""
_SIZE_VARIANCE: Final = 0.06**2
"""The same of the logarithm of width and height."""
_ACCELERATION: Final = 1.0
"""Spectral density of the acceleration's noise, in squared face sizes per cubed second. With 15
detections per second the filter then follows movements of up to about 1.5 per second."""
_GROWTH: Final = 0.3
"""Spectral density of the noise of log width and height, per second."""
_FIRST_VELOCITY_VARIANCE: Final = 2.0
"""Initial velocity variance, in squared face sizes per squared second."""

_GATE: Final = 23.5
"""A detection farther than this in squared Mahalanobis distance is another face: the 0.9999
quantile of the chi-squared distribution with four degrees of freedom."""
FAR: Final = 1e6
"""The cost of an impossible assignment."""


@dataclass(frozen=True, eq=False)
class Track:
    """One face at one time.

    Attributes:
        id: track ID, the same for the same face; starts at 1 and is never reused.
        xyxy: left, top, right and bottom in pixels, smoothed; may extend beyond the image.
        score: score of the face's latest detection.
        landmarks: `(5, 2)` float32 in pixels, those of the latest detection, moved with the box, or
            None if the detector gives none.
        detection: row of this face in the given detections; None if it was not detected or no
            detector was run.
        is_missed: whether the last detection missed it, so that this is extrapolated.
        since_seen_s: seconds since the face was last detected.
    """

    id: int
    xyxy: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32] | None
    detection: int | None
    is_missed: bool
    since_seen_s: float


class FaceFilter:
    """The Kalman filter of one face. Both coordinates of the center share their covariance."""

    def __init__(self, number: int, detections: Detections, row: int, timestamp_s: float) -> None:
        self.id = number
        self.hits = 0
        self.view: NDArray[np.uint8] | None = None
        measured = measurements(detections)[row]
        self._center, self._log_wh = measured[:2], measured[2:]
        self._velocity = np.zeros(2)
        self._covariance = np.diag([_POSITION_VARIANCE, _FIRST_VELOCITY_VARIANCE])
        self._size_variance = _SIZE_VARIANCE
        self._remember(detections, row, timestamp_s)

    @property
    def _scale(self) -> float:
        return float(np.exp(self._log_wh.mean()))

    def advance(self, step_s: float) -> None:
        """Advances in time; two steps give exactly the result of one step of their sum."""
        self._center = self._center + step_s * self._velocity
        motion = np.array([[1.0, step_s], [0.0, 1.0]])
        noise = np.array([[step_s**3 / 3, step_s**2 / 2], [step_s**2 / 2, step_s]])
        self._covariance = motion @ self._covariance @ motion.T + _ACCELERATION * noise
        self._size_variance += _GROWTH * step_s

    def costs(self, measured: NDArray[np.float64], max_step: float) -> NDArray[np.float64]:
        """Returns the negative log-likelihood of this face for each of `(n, 4)` measurements."""
        center_variance = self._covariance[0, 0] + _POSITION_VARIANCE
        size_variance = self._size_variance + _SIZE_VARIANCE
        step = ((measured[:, :2] - self._center) ** 2).sum(axis=1) / self._scale**2
        growth = ((measured[:, 2:] - self._log_wh) ** 2).sum(axis=1)
        distance = step / center_variance + growth / size_variance
        # Twice the negative log-likelihood, up to a constant: two coordinates each.
        cost = distance + 2 * np.log(center_variance) + 2 * np.log(size_variance)
        return np.where((distance > _GATE) | (step > max_step**2), FAR, cost)

    def take(self, detections: Detections, row: int, timestamp_s: float) -> None:
        """Updates the filter with the detection of this face."""
        measured = measurements(detections)[row]
        gain = self._covariance[:, 0] / (self._covariance[0, 0] + _POSITION_VARIANCE)
        innovation = measured[:2] - self._center
        self._center = self._center + gain[0] * innovation
        self._velocity = self._velocity + gain[1] * innovation
        self._covariance = self._covariance - np.outer(gain, self._covariance[0])
        size_gain = self._size_variance / (self._size_variance + _SIZE_VARIANCE)
        self._log_wh = self._log_wh + size_gain * (measured[2:] - self._log_wh)
        self._size_variance *= 1 - size_gain
        self._remember(detections, row, timestamp_s)

    def track(self, now_s: float, *, detected: bool) -> Track:
        """Returns the state of the face at this time."""
        half = np.exp(self._log_wh) / 2
        left, top, right, bottom = np.concatenate([self._center - half, self._center + half])
        points = None
        if self._points is not None:
            points = (self._center + 2 * half * self._points).astype(np.float32)
        return Track(
            id=self.id,
            xyxy=(float(left), float(top), float(right), float(bottom)),
            score=self._score,
            landmarks=points,
            detection=self.row if detected else None,
            is_missed=self.row is None,
            since_seen_s=now_s - self.seen_s,
        )

    def _remember(self, detections: Detections, row: int, timestamp_s: float) -> None:
        self.row: int | None = row
        self.hits += 1
        self.misses = 0
        self.seen_s = timestamp_s
        self._score = float(detections.score[row])
        self._points: NDArray[np.float64] | None = None
        if detections.landmarks is not None:
            # Relative to the detected box, so that they move with the filtered one.
            x1, y1, x2, y2 = detections.xyxy[row].astype(np.float64)
            center, size = np.array([x1 + x2, y1 + y2]) / 2, np.array([x2 - x1, y2 - y1])
            self._points = (detections.landmarks[row] - center) / size


def measurements(detections: Detections) -> NDArray[np.float64]:
    """Returns `(n, 4)`: the center's x and y, the logarithms of width and height."""
    corners = detections.xyxy.astype(np.float64)
    center = (corners[:, :2] + corners[:, 2:]) / 2
    return np.concatenate([center, np.log(corners[:, 2:] - corners[:, :2])], axis=1)
