"""Following faces from frame to frame: which box is the same face as a moment ago.

>>> tracker = FaceTracker()
>>> for timestamp_s, frame in frames:
...     tracks = tracker.update(detector.detect(frame), timestamp_s)
...     print([(track.id, track.xyxy) for track in tracks])

Each face has a Kalman filter of its own: its centre moves at a constant velocity but for random
accelerations, its size wanders (continuous white noise acceleration: Bar-Shalom, Li and Kirubarajan
2001, Estimation with Applications to Tracking and Navigation). Detections are assigned to all faces
at once, so that the sum of the negative log-likelihoods is smallest. Noise is in units of the
face's own size: a near face may move more pixels than a far one. Movement alone decides, except
at cuts: given views of the faces, a track ends where the picture was cut (see
`fer_core.faces.continuity`). Nobody is recognized: a face that comes back later is a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.faces.continuity import is_cut
from fer_core.faces.detection import Detections
from fer_core.sampling import COARSEST_STEP_S, TOLERANCE

_POSITION_VARIANCE: Final = 0.04**2
"""Of a detector's box from frame to frame, in face sizes."""
_SIZE_VARIANCE: Final = 0.06**2
"""The same of the logarithm of width and height."""
_ACCELERATION: Final = 1.0
"""Spectral density of the acceleration's noise, in squared face sizes per cubed second. With 15
detections a second the filter then follows movements of up to about 1.5 a second."""
_GROWTH: Final = 0.3
"""Spectral density of the noise of log width and height, per second."""
_FIRST_VELOCITY_VARIANCE: Final = 2.0
"""Of a face just found, in squared face sizes per squared second."""

_GATE: Final = 23.5
"""A detection farther than this in squared Mahalanobis distance is another face: the 0.9999
quantile of the chi-squared distribution with four degrees of freedom."""
_FAR: Final = 1e6
_NEIGHBOR: Final = 2.0
"""In face sizes: a face this near is a part of the surroundings that a cut replaces."""


@dataclass(frozen=True)
class TrackingSettings:
    """How long and how far a face is followed.

    Attributes:
        coast_s: a face that the detector misses is still shown this long, where it should be by
            now; only one that was detected at least twice.
        forget_s: after this long it is forgotten: found again, it is a new face. Where detections
            are rarer, one that misses it is not enough, up to `sampling.COARSEST_STEP_S`.
        max_step: a face cannot be farther from where it was expected than this many face sizes.
    """

    coast_s: float = 0.3
    forget_s: float = 1.5
    max_step: float = 1.5

    def __post_init__(self) -> None:
        if not 0 <= self.coast_s <= self.forget_s or self.max_step <= 0:
            raise ValueError(
                "Expected 0 <= coast_s <= forget_s and max_step > 0. "
                f"Received: coast_s={self.coast_s}, forget_s={self.forget_s}, "
                f"max_step={self.max_step}"
            )


@dataclass(frozen=True, eq=False)
class Track:
    """One face at one moment.

    Attributes:
        id: the same for the same face; counts from 1 and is never given twice.
        xyxy: left, top, right and bottom in pixels, smoothed; may reach beyond the picture.
        score: of the face's newest detection.
        landmarks: `(5, 2)` float32 in pixels, those of the newest detection moved along with the
            box, or None where the detector gives none.
        detection: row of the given detections that is this face; None where it was not detected
            or no detector was asked.
        is_missed: whether the last detection did not find it, so that this is but a guess.
        since_seen_s: seconds since the face was last detected.
    """

    id: int
    xyxy: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32] | None
    detection: int | None
    is_missed: bool
    since_seen_s: float


class FaceTracker:
    """Keeps the identity of faces. Not for several threads at once.

    Attributes:
        settings: how long and how far faces are followed; may be changed at any time.
    """

    def __init__(self, settings: TrackingSettings | None = None) -> None:
        self.settings = settings or TrackingSettings()
        self._faces: list[_Face] = []
        self._last_id = 0
        self._now_s = -np.inf
        # Takes three times as long to import, and as much memory, as the rest of the library.
        from scipy.optimize import linear_sum_assignment

        self._least_cost = linear_sum_assignment

    @property
    def ids(self) -> frozenset[int]:
        """All faces not yet forgotten, also those that are missed at the moment."""
        return frozenset(face.id for face in self._faces)

    def update(
        self,
        detections: Detections,
        timestamp_s: float,
        views: NDArray[np.uint8] | None = None,
    ) -> tuple[Track, ...]:
        """Takes in what a detector found on the next frame.

        Args:
            detections: everything found on the frame.
            timestamp_s: when the frame was taken; any steps, never backwards.
            views: those of `continuity.face_views` for the detections, so that a cut ends tracks;
                None follows by movement alone.

        Returns:
            The faces detected and those that are missed but for a moment, from left to right.

        Raises:
            ValueError: `timestamp_s` is not finite, or earlier than the last one.
        """
        self._advance(timestamp_s)
        cost, is_cut_off = self._costs(detections, views)
        rows = self._assign(cost)
        for face in self._faces:
            face.row = None
            face.misses += 1
        for face, row in rows:
            face.take(detections, row, timestamp_s)
        taken = {row for _, row in rows}
        new = [row for row in range(len(detections)) if row not in taken]
        self._end_cut_off([bool(each[new].any()) for each in is_cut_off])
        for row in new:
            self._last_id += 1
            self._faces.append(_Face(self._last_id, detections, row, timestamp_s))
        if views is not None:
            for face in self._faces:
                if face.row is not None:
                    face.view = views[face.row]
        self._faces = [face for face in self._faces if not self._is_forgotten(face)]
        return self._tracks()

    def predict(self, timestamp_s: float) -> tuple[Track, ...]:
        """Tells where the faces should be on a frame that no detector looked at.

        A face that the last detection found is told of however long ago that was.

        Raises:
            ValueError: `timestamp_s` is not finite, or earlier than the last one.
        """
        self._advance(timestamp_s)
        return self._tracks(detected=False)

    def _advance(self, timestamp_s: float) -> None:
        if not np.isfinite(timestamp_s) or timestamp_s < self._now_s:
            raise ValueError(
                f"timestamp_s must be finite and not before the last one, {self._now_s}. "
                f"Received: timestamp_s={timestamp_s}"
            )
        for face in self._faces:
            face.advance(timestamp_s - self._now_s)
        self._now_s = timestamp_s

    def _costs(
        self, detections: Detections, views: NDArray[np.uint8] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Returns `(faces, detections)`: costs, and which pairs a cut alone rules out."""
        measured = _measurements(detections)
        cost = np.empty((len(self._faces), len(detections)))
        is_cut_off: NDArray[np.bool_] = np.zeros(cost.shape, np.bool_)
        is_continued: NDArray[np.bool_] = np.zeros(cost.shape, np.bool_)
        for at, face in enumerate(self._faces):
            cost[at] = face.costs(measured, self.settings.max_step)
            if views is None or face.view is None:
                continue
            for row in np.flatnonzero(cost[at] < _FAR):
                is_cut_off[at, row] = is_cut(face.view, views[row], self._now_s - face.seen_s)
                is_continued[at, row] = not is_cut_off[at, row]
        for at, row in np.argwhere(is_cut_off):
            # Where a neighbor stays in the picture nothing was cut: the two hide each other.
            others = np.asarray(np.delete(is_continued, at, axis=0).any(axis=0), np.bool_)
            others[row] = False
            reach = _NEIGHBOR * np.exp(measured[row, 2:].mean())
            distance = np.linalg.norm(measured[:, :2] - measured[row, :2], axis=1)
            is_cut_off[at, row] = not (others & (distance < reach)).any()
        return np.where(is_cut_off, _FAR, cost), is_cut_off

    def _end_cut_off(self, is_cut_off: list[bool]) -> None:
        """Ends tracks that another face has replaced, and all if nobody outlived the cut.

        A detection that is the next sighting of another track replaces nobody: it passes by.
        """
        if not any(is_cut_off):
            return
        nobody_stays = all(face.row is None for face in self._faces)
        self._faces = [
            face
            for face, cut in zip(self._faces, is_cut_off, strict=True)
            if face.row is not None or not (cut or nobody_stays)
        ]

    def _assign(self, cost: NDArray[np.float64]) -> list[tuple[_Face, int]]:
        if not cost.size:
            return []
        faces, rows = self._least_cost(cost)
        return [
            (self._faces[face], int(row))
            for face, row in zip(faces, rows, strict=True)
            if cost[face, row] < _FAR
        ]

    def _is_forgotten(self, face: _Face) -> bool:
        if face.row is not None:
            return False
        if face.hits < 2:
            return True
        missed_s = self._now_s - face.seen_s
        if face.misses < 2 and missed_s <= COARSEST_STEP_S:
            return False
        return missed_s > self.settings.forget_s * (1 + TOLERANCE)

    def _tracks(self, *, detected: bool = True) -> tuple[Track, ...]:
        shown = [
            face.track(self._now_s, detected=detected)
            for face in self._faces
            if face.row is not None or self._now_s - face.seen_s <= self.settings.coast_s
        ]
        return tuple(sorted(shown, key=lambda track: track.xyxy[0]))


class _Face:
    """The Kalman filter of one face. Both coordinates of the centre share their covariance."""

    def __init__(self, number: int, detections: Detections, row: int, timestamp_s: float) -> None:
        self.id = number
        self.hits = 0
        self.view: NDArray[np.uint8] | None = None
        measured = _measurements(detections)[row]
        self._center, self._log_wh = measured[:2], measured[2:]
        self._velocity = np.zeros(2)
        self._covariance = np.diag([_POSITION_VARIANCE, _FIRST_VELOCITY_VARIANCE])
        self._size_variance = _SIZE_VARIANCE
        self._remember(detections, row, timestamp_s)

    @property
    def _scale(self) -> float:
        return float(np.exp(self._log_wh.mean()))

    def advance(self, step_s: float) -> None:
        """Moves on in time: in two steps exactly as in one of their sum."""
        self._center = self._center + step_s * self._velocity
        motion = np.array([[1.0, step_s], [0.0, 1.0]])
        noise = np.array([[step_s**3 / 3, step_s**2 / 2], [step_s**2 / 2, step_s]])
        self._covariance = motion @ self._covariance @ motion.T + _ACCELERATION * noise
        self._size_variance += _GROWTH * step_s

    def costs(self, measured: NDArray[np.float64], max_step: float) -> NDArray[np.float64]:
        """Returns, for each of `(n, 4)` measurements, how unlikely it is this face."""
        center_variance = self._covariance[0, 0] + _POSITION_VARIANCE
        size_variance = self._size_variance + _SIZE_VARIANCE
        step = ((measured[:, :2] - self._center) ** 2).sum(axis=1) / self._scale**2
        growth = ((measured[:, 2:] - self._log_wh) ** 2).sum(axis=1)
        distance = step / center_variance + growth / size_variance
        # Twice the negative log-likelihood, but for a constant: two coordinates each.
        cost = distance + 2 * np.log(center_variance) + 2 * np.log(size_variance)
        return np.where((distance > _GATE) | (step > max_step**2), _FAR, cost)

    def take(self, detections: Detections, row: int, timestamp_s: float) -> None:
        """Corrects the filter by the detection that is this face."""
        measured = _measurements(detections)[row]
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
            # In units of the detected box, so that they follow the filtered one.
            x1, y1, x2, y2 = detections.xyxy[row].astype(np.float64)
            center, size = np.array([x1 + x2, y1 + y2]) / 2, np.array([x2 - x1, y2 - y1])
            self._points = (detections.landmarks[row] - center) / size


def _measurements(detections: Detections) -> NDArray[np.float64]:
    """Returns `(n, 4)`: the centre's x and y, the logarithms of width and height."""
    corners = detections.xyxy.astype(np.float64)
    center = (corners[:, :2] + corners[:, 2:]) / 2
    return np.concatenate([center, np.log(corners[:, 2:] - corners[:, :2])], axis=1)
