"""Synthetic results of live frames, without pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fer_core.labels.emotions import FER2013
from fer_core.live.effort import Effort
from fer_core.live.session import FrameResult
from fer_core.recognition.analyzer import ImageAnalysis
from fer_core.recognition.faces import Faces

THRESHOLD = 0.5


def frame_result(
    timestamp_s: float, faces: Mapping[int, tuple[str, float]], *, missed: bool = False
) -> FrameResult:
    """A result with a label and its probability for each track ID."""
    analysis = ImageAnalysis(
        width=640,
        height=480,
        faces=tracked_faces(faces, missed=missed),
        model="model",
        model_checksum="ab" * 32,
        detector="detector",
        detection_ms=5.0,
        classification_ms=2.0,
        threshold=THRESHOLD,
    )
    return FrameResult(timestamp_s, 8.0, analysis, True, Effort(2, 320, is_reduced=False))


def tracked_faces(faces: Mapping[int, tuple[str, float]], *, missed: bool = False) -> Faces:
    """Tracked faces with a label and its probability for each track ID."""
    count = len(faces)
    track_id = np.array(list(faces), np.int64)
    label = np.array([FER2013.index(label) for label, _ in faces.values()], np.int64)
    confidence = np.array([each for _, each in faces.values()], np.float32)
    probabilities = np.repeat((1 - confidence[:, None]) / (len(FER2013) - 1), len(FER2013), axis=1)
    probabilities[np.arange(count), label] = confidence
    left = 100.0 * track_id
    top, bottom = np.full(count, 100.0), np.full(count, 180.0)
    return Faces(
        labels=FER2013,
        action_units=(),
        xyxy=np.stack([left, top, left + 80, bottom], axis=1).astype(np.float32),
        detection_score=np.full(count, 0.9, np.float32),
        landmarks=None,
        probabilities=probabilities.astype(np.float32),
        unit_probabilities=np.empty((count, 0), np.float32),
        label=label,
        is_held_uncertain=confidence < THRESHOLD,
        is_missed=np.full(count, missed),
        track_id=track_id,
        crops=(np.zeros((80, 80, 3), np.uint8),) * count,
    )
