"""Tracks faces from frame to frame.

>>> tracker = FaceTracker()
>>> for timestamp_s, frame in frames:
...     tracks = tracker.update(detector.detect(frame), timestamp_s)
...     print([(track.id, track.xyxy) for track in tracks])

Each face has its own Kalman filter (`fer_core.tracking.track`). Detections are assigned to tracks
so that the sum of the negative log-likelihoods is minimal. Only motion is used, except at cuts:
given views of the faces, a track ends at a cut (see `fer_core.tracking.continuity`). There is no
face recognition: a face that returns later gets a new track ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.tracking.continuity import is_cut
from fer_core.tracking.sampling import COARSEST_STEP_S, TOLERANCE
from fer_core.tracking.track import FAR, FaceFilter, Track, measurements

_NEIGHBOR: Final = 2.0
"""In face sizes: a face this near is part of the surroundings that a cut replaces."""


@dataclass(frozen=True)
class TrackerConfig:
    """How long and how far a face is tracked.

    Attributes:
        coast_s: a face that the detector misses is still shown this long, at its extrapolated
            position, if it was detected at least twice.
        forget_s: after this time the track ends; if found again, the face gets a new track ID. If
            detections are rarer, a single miss does not end it, up to `sampling.COARSEST_STEP_S`.
        max_step: maximum distance between a face and its predicted position, in face sizes.
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


class FaceTracker:
    """Assigns track IDs to faces. Not thread-safe.

    Attributes:
        settings: how long and how far faces are tracked; can be changed at any time.
    """

    def __init__(self, settings: TrackerConfig | None = None) -> None:
        self.settings = settings or TrackerConfig()
        self._faces: list[FaceFilter] = []
        self._last_id = 0
        self._now_s = -np.inf
        # Takes three times the import time and memory of the rest of the library.
        from scipy.optimize import linear_sum_assignment

        self._least_cost = linear_sum_assignment

    @property
    def ids(self) -> frozenset[int]:
        """IDs of all active tracks, including currently missed faces."""
        return frozenset(face.id for face in self._faces)

    def update(
        self,
        detections: Detections,
        timestamp_s: float,
        views: NDArray[np.uint8] | None = None,
    ) -> tuple[Track, ...]:
        """Updates the tracks with the detections on the next frame.

        Args:
            detections: all detections on the frame.
            timestamp_s: time of the frame, in steps of any size, never backward.
            views: from `continuity.face_views` for the detections, so that a cut ends tracks; None
                tracks by motion only.

        Returns:
            The detected and the briefly missed faces, from left to right.

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
            self._faces.append(FaceFilter(self._last_id, detections, row, timestamp_s))
        if views is not None:
            for face in self._faces:
                if face.row is not None:
                    face.view = views[face.row]
        self._faces = [face for face in self._faces if not self._is_forgotten(face)]
        return self._tracks()

    def predict(self, timestamp_s: float) -> tuple[Track, ...]:
        """Predicts the faces on a frame without detection.

        A face that the last detection found is returned however long ago that was.

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
        """Returns `(faces, detections)`: costs, and which pairs only a cut rules out."""
        measured = measurements(detections)
        cost = np.empty((len(self._faces), len(detections)))
        is_cut_off: NDArray[np.bool_] = np.zeros(cost.shape, np.bool_)
        is_continued: NDArray[np.bool_] = np.zeros(cost.shape, np.bool_)
        for at, face in enumerate(self._faces):
            cost[at] = face.costs(measured, self.settings.max_step)
            if views is None or face.view is None:
                continue
            for row in np.flatnonzero(cost[at] < FAR):
                is_cut_off[at, row] = is_cut(face.view, views[row], self._now_s - face.seen_s)
                is_continued[at, row] = not is_cut_off[at, row]
        for at, row in np.argwhere(is_cut_off):
            # If a neighbor stays in view there was no cut: the two occlude each other.
            others = np.asarray(np.delete(is_continued, at, axis=0).any(axis=0), np.bool_)
            others[row] = False
            reach = _NEIGHBOR * np.exp(measured[row, 2:].mean())
            distance = np.linalg.norm(measured[:, :2] - measured[row, :2], axis=1)
            is_cut_off[at, row] = not (others & (distance < reach)).any()
        return np.where(is_cut_off, FAR, cost), is_cut_off

    def _end_cut_off(self, is_cut_off: list[bool]) -> None:
        """Ends tracks that another face has replaced, and all if none survived the cut.

        A detection that belongs to another track replaces no face: it passes by.
        """
        if not any(is_cut_off):
            return
        nobody_stays = all(face.row is None for face in self._faces)
        self._faces = [
            face
            for face, cut in zip(self._faces, is_cut_off, strict=True)
            if face.row is not None or not (cut or nobody_stays)
        ]

    def _assign(self, cost: NDArray[np.float64]) -> list[tuple[FaceFilter, int]]:
        if not cost.size:
            return []
        faces, rows = self._least_cost(cost)
        return [
            (self._faces[face], int(row))
            for face, row in zip(faces, rows, strict=True)
            if cost[face, row] < FAR
        ]

    def _is_forgotten(self, face: FaceFilter) -> bool:
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
