"""Tracking, smoothing and hysteresis of one video stream, for live video and clips.

>>> pipeline = TrackingPipeline()
>>> for timestamp_s, faces, views in frames:
...     tracked = pipeline.update(faces, timestamp_s, views)
...     print(tracked.track_id, tracked.prediction())
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.recognition import UNCERTAIN_BELOW, Faces
from fer_core.tracking.smoothing import (
    HALF_LIFE_S,
    SWITCH_MARGIN,
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

    def update(self, faces: Faces, timestamp_s: float, views: NDArray[np.uint8] | None) -> Faces:
        """Processes a frame whose faces were all detected and classified.

        Args:
            faces: n faces, not tracked.
            timestamp_s: time of the frame, never earlier than the previous one.
            views: from `continuity.face_views`, so that a cut ends tracks.

        Returns:
            The n faces, tracked; currently missed faces are left out.

        Raises:
            ValueError: time ran backwards.
        """
        tracks = self.tracker.update(faces.detections, timestamp_s, views)
        # A missed face is only extrapolated, and has no row.
        id_of_row = {track.detection: track.id for track in tracks if track.detection is not None}
        return self.smooth(faces, [id_of_row[row] for row in range(len(faces))], timestamp_s)

    def smooth(self, faces: Faces, track_ids: Sequence[int], timestamp_s: float) -> Faces:
        """Smooths the latest predictions of some tracked faces, and forgets ended tracks.

        Args:
            faces: n faces.
            track_ids: n track IDs of `tracker`.
            timestamp_s: the last time given to `tracker`.
        """
        outputs = np.concatenate([faces.probabilities, faces.unit_probabilities], axis=1)
        smooth = self._smoother.update(track_ids, outputs, timestamp_s)
        probabilities, unit_probabilities = np.split(smooth, [len(faces.labels)], axis=1)
        label, is_uncertain = self._labels.update(
            track_ids, probabilities, self._settings.threshold
        )
        for state in (self._smoother, self._labels):
            state.keep(self.tracker.ids)
        return dataclasses.replace(
            faces,
            probabilities=probabilities,
            unit_probabilities=unit_probabilities,
            label=label,
            is_held_uncertain=is_uncertain,
            track_id=np.array(track_ids, np.int64),
        )

    def forget_predictions(self) -> None:
        """Resets the averages, e.g. for another model; the faces keep their track IDs."""
        for state in (self._smoother, self._labels):
            state.keep(())
