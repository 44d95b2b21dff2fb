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

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import LIVE_SIDE, Detections, crop_square, detect_at, face_square
from fer_core.imaging import check_image
from fer_core.recognition import Analyzer, Faces, ImageAnalysis
from fer_core.tracking.continuity import face_views
from fer_core.tracking.pipeline import TrackingConfig, TrackingPipeline
from fer_core.tracking.track import Track


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
        self._last: Faces | None = None

    def analyze(
        self,
        image: NDArray[np.uint8],
        timestamp_s: float,
        *,
        detect: bool = True,
        detection_side: int = LIVE_SIDE,
    ) -> ImageAnalysis:
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
        return self.analyzer.analysis(image, faces, started, detected, self.settings.threshold)

    def _take_settings(self) -> None:
        self._pipeline.settings = self.settings
        if self._averaged is not self.analyzer.classifier:
            self._averaged = self.analyzer.classifier
            self._pipeline.forget_predictions()
            self._last = None

    def _faces(
        self,
        image: NDArray[np.uint8],
        detections: Detections,
        tracks: tuple[Track, ...],
        timestamp_s: float,
    ) -> Faces:
        height, width = image.shape[:2]
        boxes = np.array([track.xyxy for track in tracks], np.float32).reshape(-1, 4)
        boxes = boxes.clip(0, np.array([width, height, width, height], np.float32))
        visible = np.flatnonzero((boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= 1).tolist()
        # A hidden face is not classified: it keeps its last result until it is forgotten.
        seen = [row for row in visible if not tracks[row].is_missed]
        score = np.array([tracks[row].score for row in seen], np.float32)
        crops = [_crop(image, detections, tracks[row]) for row in seen]
        latest = self.analyzer.classify(Detections(boxes[seen], score), crops)
        ids = [tracks[row].id for row in seen]
        latest = self._pipeline.smooth(latest, ids, timestamp_s)
        hidden = self._pipeline.tracker.ids.difference(ids)
        if self._last is None or not hidden:
            self._last = latest
            return latest
        rows = [row for row, face in enumerate(self._last) if face.track_id in hidden]
        latest = self._last = Faces.concatenate([latest, self._last.take(rows)])
        row_of = {face.track_id: row for row, face in enumerate(latest)}
        shown = [row for row in visible if tracks[row].id in row_of]
        return dataclasses.replace(
            latest.take([row_of[tracks[row].id] for row in shown]),
            xyxy=boxes[shown],
            is_missed=np.array([tracks[row].is_missed for row in shown], np.bool_),
        )


def _crop(image: NDArray[np.uint8], detections: Detections, track: Track) -> NDArray[np.uint8]:
    # A detected face is cropped exactly as on a photo; the smoothed box lags slightly.
    box, points = np.array(track.xyxy, np.float32), track.landmarks
    if track.detection is not None:
        box = detections.xyxy[track.detection]
        if detections.landmarks is not None:
            points = detections.landmarks[track.detection]
    return crop_square(image, face_square(box, points))
