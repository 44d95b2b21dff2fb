"""Tracking, smoothing and hysteresis of one video stream, for live video and clips.

>>> pipeline = TrackingPipeline()
>>> for timestamp_s, detections, outputs, views in frames:
...     faces = pipeline.update(detections, outputs, classes, timestamp_s, views)
...     print(faces.track_ids, faces.probabilities)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.recognition import UNCERTAIN_BELOW
from fer_core.tracking.smoothing import (
    HALF_LIFE_S,
    SWITCH_MARGIN,
    HeldLabel,
    LabelHysteresis,
    ProbabilitySmoother,
)
from fer_core.tracking.tracker import FaceTracker, TrackerConfig

MAX_FACES: Final = 10
"""Maximum number of faces tracked in live video; of more, the largest."""


@dataclass(frozen=True)
class TrackingConfig:
    """How faces are tracked and their predictions smoothed.

    Attributes:
        threshold: predictions with a lower probability are `uncertain`.
        half_life_s: half-life of the smoothing; 0 for none.
        switch_margin: hysteresis: a label changes when another one is ahead by this much.
        max_faces: maximum number of faces, the largest ones, where the caller limits them.
        tracking: how long a face is tracked while it is not seen.
    """

    threshold: float = UNCERTAIN_BELOW
    half_life_s: float = HALF_LIFE_S
    switch_margin: float = SWITCH_MARGIN
    max_faces: int = MAX_FACES
    tracking: TrackerConfig = field(default_factory=TrackerConfig)


@dataclass(frozen=True, eq=False)
class SmoothedPredictions:
    """Predictions for n tracked faces of one frame, smoothed over time.

    Attributes:
        track_ids: n track IDs.
        probabilities: `(n, k)` float32; rows sum to 1.
        action_units: `(n, u)` float32, independent probabilities.
        held: n labels after hysteresis.
    """

    track_ids: Sequence[int]
    probabilities: NDArray[np.float32]
    action_units: NDArray[np.float32]
    held: tuple[HeldLabel, ...]


class TrackingPipeline:
    """Tracks faces and smooths their predictions. Not thread-safe.

    Attributes:
        tracker: the face tracker.
    """

    def __init__(self, settings: TrackingConfig | None = None) -> None:
        self._settings = settings or TrackingConfig()
        self.tracker = FaceTracker(self._settings.tracking)
        self._smoother = ProbabilitySmoother(self._settings.half_life_s)
        self._labels = LabelHysteresis(self._settings.switch_margin)

    @property
    def settings(self) -> TrackingConfig:
        """Can be changed between frames without losing tracks."""
        return self._settings

    @settings.setter
    def settings(self, settings: TrackingConfig) -> None:
        self._settings = settings
        self.tracker.settings = settings.tracking
        self._smoother.half_life_s = settings.half_life_s
        self._labels.margin = settings.switch_margin

    def update(
        self,
        detections: Detections,
        outputs: NDArray[np.float32],
        classes: int,
        timestamp_s: float,
        views: NDArray[np.uint8] | None,
    ) -> SmoothedPredictions:
        """Processes a frame whose faces were all detected and classified.

        Args:
            detections: n faces.
            outputs: `(n, k + u)`, probabilities of the classes, then of the action units.
            classes: k.
            timestamp_s: time of the frame, never earlier than the previous one.
            views: from `continuity.face_views`, so that a cut ends tracks.

        Returns:
            The n faces in the order of the detections; currently missed faces are left out.

        Raises:
            ValueError: time ran backwards.
        """
        tracks = self.tracker.update(detections, timestamp_s, views)
        # A missed face is only extrapolated, and has no row.
        id_of_row = {track.detection: track.id for track in tracks if track.detection is not None}
        track_ids = [id_of_row[row] for row in range(len(detections))]
        return self.smooth(track_ids, outputs, classes, timestamp_s)

    def smooth(
        self,
        track_ids: Sequence[int],
        outputs: NDArray[np.float32],
        classes: int,
        timestamp_s: float,
    ) -> SmoothedPredictions:
        """Smooths the latest outputs of some tracked faces, and forgets ended tracks.

        Args:
            track_ids: n track IDs of `tracker`.
            outputs: `(n, k + u)`, as for `update`.
            classes: k.
            timestamp_s: the last time given to `tracker`.
        """
        smooth = self._smoother.update(track_ids, outputs, timestamp_s)
        probabilities, action_units = smooth[:, :classes], smooth[:, classes:]
        held = self._labels.update(track_ids, probabilities, self._settings.threshold)
        for state in (self._smoother, self._labels):
            state.keep(self.tracker.ids)
        return SmoothedPredictions(track_ids, probabilities, action_units, held)

    def forget_predictions(self) -> None:
        """Resets the averages, e.g. for another model; the faces keep their track IDs."""
        for state in (self._smoother, self._labels):
            state.keep(())
