"""Tracker, smoothing and hysteresis of one moving picture, wired once for live video and clips.

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
"""As many faces are tracked in live video; of more, the largest."""


@dataclass(frozen=True)
class TrackingConfig:
    """How faces are tracked and their predictions smoothed.

    Attributes:
        threshold: a label less probable than this is uncertain.
        half_life_s: of the average of probabilities; 0 for none.
        switch_margin: a label changes when another one is ahead by this much.
        max_faces: of more faces the largest are tracked, where the caller limits them.
        tracking: how long a face is tracked while it is not seen.
    """

    threshold: float = UNCERTAIN_BELOW
    half_life_s: float = HALF_LIFE_S
    switch_margin: float = SWITCH_MARGIN
    max_faces: int = MAX_FACES
    tracking: TrackerConfig = field(default_factory=TrackerConfig)


@dataclass(frozen=True, eq=False)
class SmoothedPredictions:
    """What a model predicts for n tracked faces of one frame, averaged over time.

    Attributes:
        track_ids: n track IDs.
        probabilities: `(n, k)` float32; rows sum to 1.
        action_units: `(n, u)` float32, each a probability of its own.
        held: n labels after hysteresis.
    """

    track_ids: Sequence[int]
    probabilities: NDArray[np.float32]
    action_units: NDArray[np.float32]
    held: tuple[HeldLabel, ...]


class TrackingPipeline:
    """Tracks faces and smooths their predictions. Not for several threads at once.

    Attributes:
        tracker: knows which face is which.
    """

    def __init__(self, settings: TrackingConfig | None = None) -> None:
        self._settings = settings or TrackingConfig()
        self.tracker = FaceTracker(self._settings.tracking)
        self._smoother = ProbabilitySmoother(self._settings.half_life_s)
        self._labels = LabelHysteresis(self._settings.switch_margin)

    @property
    def settings(self) -> TrackingConfig:
        """May be changed between frames; no face is lost by it."""
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
        """Takes in a frame whose faces were all detected and classified.

        Args:
            detections: n faces.
            outputs: `(n, k + u)`, probabilities of the classes, then of the action units.
            classes: k.
            timestamp_s: when the frame was taken, never earlier than the one before.
            views: those of `continuity.face_views`, so that a cut ends tracks.

        Returns:
            The n faces in the order of the detections; those missed at the moment are left out.

        Raises:
            ValueError: time ran backwards.
        """
        tracks = self.tracker.update(detections, timestamp_s, views)
        # What is missed at the moment is but a guess, and has no row.
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
        """Averages the newest outputs of some tracked faces, and forgets the faces that are gone.

        Args:
            track_ids: n faces that `tracker` knows.
            outputs: `(n, k + u)`, as for `update`.
            classes: k.
            timestamp_s: the time that `tracker` was given last.
        """
        smooth = self._smoother.update(track_ids, outputs, timestamp_s)
        probabilities, action_units = smooth[:, :classes], smooth[:, classes:]
        held = self._labels.update(track_ids, probabilities, self._settings.threshold)
        for state in (self._smoother, self._labels):
            state.keep(self.tracker.ids)
        return SmoothedPredictions(track_ids, probabilities, action_units, held)

    def forget_predictions(self) -> None:
        """Starts the averages again, as for another model; the faces keep their track IDs."""
        for state in (self._smoother, self._labels):
            state.keep(())
