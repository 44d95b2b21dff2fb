"""From video frames to faces with track IDs and smoothed probabilities.

>>> follower = TrackedAnalyzer(load_analyzer())
>>> for timestamp_s, frame in frames:
...     for face in follower.analyze(frame, timestamp_s).faces:
...         print(face.track_id, face.label)

Not every frame needs the detector: with `detect=False` faces are cropped at their predicted
positions, which is almost free.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import LIVE_SIDE, Detections, crop_square, detect_at, face_square
from fer_core.imaging import check_image
from fer_core.preprocessing import preprocess_batch
from fer_core.recognition import (
    HYSTERESIS,
    MISSED,
    UNCERTAIN_BELOW,
    Analyzer,
    FaceResult,
    ImageAnalysis,
    Value,
    face_values,
    is_held_by_hysteresis,
    names_of,
    track_columns,
)
from fer_core.tracking.continuity import face_views
from fer_core.tracking.pipeline import TrackingConfig, TrackingPipeline
from fer_core.tracking.smoothing import HeldLabel
from fer_core.tracking.track import Track

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class TrackedFace(FaceResult):
    """A tracked face. Its box and its probabilities are smoothed over time.

    Attributes:
        track_id: the same for the same face; starts at 1.
        held: the label after hysteresis, and whether it is uncertain.
        is_missed: whether the last detection missed the face: its box is extrapolated, all other
            values are from when it was last seen.
    """

    track_id: int
    held: HeldLabel
    is_missed: bool = False

    @property
    def label(self) -> str:
        """The label after hysteresis: it changes when another one is clearly more probable."""
        return self.labels[self.held.index]

    @property
    def confidence(self) -> float:
        """The probability of that label."""
        return float(self.probabilities[self.held.index])

    def is_uncertain(self, threshold: float = UNCERTAIN_BELOW) -> bool:
        """Returns whether the probability is below `threshold`, or not clearly above it yet."""
        return self.held.is_uncertain or self.confidence < threshold

    def values(self, threshold: float) -> dict[str, Value]:
        """Returns the values of `face_columns.track_columns`, without time and run.

        `top_label` and `confidence` are those of the current probabilities, and not always of the
        label after hysteresis; `hysteresis` is true where they differ.
        """
        prediction, (top_label, confidence) = self.prediction(threshold), self.top(1)[0]
        over_time = {
            HYSTERESIS.name: is_held_by_hysteresis(prediction, top_label, confidence, threshold),
            MISSED.name: self.is_missed,
        }
        return {"track_id": self.track_id, **face_values(self, threshold, over_time)}


@dataclass(frozen=True, eq=False, kw_only=True)
class TrackedAnalysis(ImageAnalysis):
    """All faces of one video frame, from left to right.

    Attributes:
        faces: the detected or tracked faces.
    """

    faces: tuple[TrackedFace, ...]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face: `face_columns.track_columns` without time and frame."""
        import pandas as pd  # slow to import

        columns = names_of(track_columns(self.labels, self.action_units, is_live=True))
        names = [name for name in columns if name not in ("timestamp_s", "frame")]
        return pd.DataFrame([row | self.run for row in self.rows()], columns=names)

    def rows(self) -> list[dict[str, Value]]:
        """Returns the table rows of the faces, without `run`, which is the same for all."""
        return [face.values(self.threshold) for face in self.faces]


class TrackedAnalyzer:
    """Analyzes one video stream, frame by frame. Not thread-safe.

    Attributes:
        analyzer: detects and classifies faces. If the model changes, the averages are reset, and
            the track IDs are kept.
        settings: can be changed between frames.
    """

    def __init__(self, analyzer: Analyzer, settings: TrackingConfig | None = None) -> None:
        self.analyzer = analyzer
        self.settings = settings or TrackingConfig()
        self._pipeline = TrackingPipeline(self.settings)
        self._averaged = analyzer.classifier
        self._last: dict[int, TrackedFace] = {}

    def analyze(
        self,
        image: NDArray[np.uint8],
        timestamp_s: float,
        *,
        detect: bool = True,
        detection_side: int = LIVE_SIDE,
    ) -> TrackedAnalysis:
        """Detects, tracks and classifies the faces of the next frame.

        Args:
            image: `(height, width, 3)` RGB uint8.
            timestamp_s: time of the frame, never earlier than the previous one.
            detect: whether to run the detector; otherwise known faces are tracked.
            detection_side: the frame is shrunk to this many pixels before detection.

        Raises:
            ImageArrayError: `image` is something else, has another shape or dtype, or no pixels.
            ValueError: time ran backwards.
        """
        check_image(image)
        self._take_settings()
        started = time.perf_counter()
        detections = Detections.empty()
        if detect:
            found = detect_at(self.analyzer.detector, image, detection_side)
            detections = found.largest(self.settings.max_faces)
            views = face_views(image, detections)
            tracks = self._pipeline.tracker.update(detections, timestamp_s, views)
        else:
            tracks = self._pipeline.tracker.predict(timestamp_s)
        detected = time.perf_counter()
        faces = self._faces(image, detections, tracks, timestamp_s)
        classified = time.perf_counter()
        classifier = self.analyzer.classifier
        return TrackedAnalysis(
            width=image.shape[1],
            height=image.shape[0],
            faces=faces,
            labels=classifier.labels,
            model=classifier.card.name,
            model_checksum=classifier.card.weights.sha256,
            detector=self.analyzer.detector.name,
            detection_ms=(detected - started) * 1000.0,
            classification_ms=(classified - detected) * 1000.0,
            action_units=classifier.action_units,
            threshold=self.settings.threshold,
        )

    def _take_settings(self) -> None:
        self._pipeline.settings = self.settings
        if self._averaged is not self.analyzer.classifier:
            self._averaged = self.analyzer.classifier
            self._pipeline.forget_predictions()
            self._last.clear()

    def _faces(
        self,
        image: NDArray[np.uint8],
        detections: Detections,
        tracks: tuple[Track, ...],
        timestamp_s: float,
    ) -> tuple[TrackedFace, ...]:
        height, width = image.shape[:2]
        visible = [track for track in tracks if _is_inside(track, width, height)]
        # A hidden face is not classified: it keeps its last result until it is forgotten.
        seen = [track for track in visible if not track.is_missed]
        fresh = self._classify(image, detections, seen, timestamp_s)
        known = self._pipeline.tracker.ids
        self._last = {key: face for key, face in (self._last | fresh).items() if key in known}
        return tuple(
            dataclasses.replace(
                self._last[track.id],
                xyxy=_clipped(track, width, height),
                is_missed=track.is_missed,
            )
            for track in visible
            if track.id in self._last
        )

    def _classify(
        self,
        image: NDArray[np.uint8],
        detections: Detections,
        tracks: list[Track],
        timestamp_s: float,
    ) -> dict[int, TrackedFace]:
        classifier = self.analyzer.classifier
        crops = [_crop(image, detections, track) for track in tracks]
        predictions = classifier.predict_all(preprocess_batch(crops, classifier.card.preprocessing))
        outputs = np.concatenate([predictions.probabilities, predictions.action_units], axis=1)
        smoothed = self._pipeline.smooth(
            [track.id for track in tracks], outputs, len(classifier.labels), timestamp_s
        )
        return {
            track.id: TrackedFace(
                xyxy=track.xyxy,
                detection_score=track.score,
                labels=classifier.labels,
                probabilities=smoothed.probabilities[row],
                crop=crops[row],
                action_units=dict(
                    zip(classifier.action_units, smoothed.action_units[row].tolist(), strict=True)
                ),
                track_id=track.id,
                held=smoothed.held[row],
            )
            for row, track in enumerate(tracks)
        }


def _crop(image: NDArray[np.uint8], detections: Detections, track: Track) -> NDArray[np.uint8]:
    # A detected face is cropped exactly as on a photo; the smoothed box lags slightly.
    box, points = np.array(track.xyxy, np.float32), track.landmarks
    if track.detection is not None:
        box = detections.xyxy[track.detection]
        if detections.landmarks is not None:
            points = detections.landmarks[track.detection]
    return crop_square(image, face_square(box, points))


def _clipped(track: Track, width: int, height: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = track.xyxy
    return max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)


def _is_inside(track: Track, width: int, height: int) -> bool:
    left, top, right, bottom = _clipped(track, width, height)
    return right - left >= 1 and bottom - top >= 1
