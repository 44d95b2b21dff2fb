"""Synthetic results of live frames, without pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fer_core.labels.emotions import FER2013
from fer_core.live.effort import Effort
from fer_core.live.session import FrameResult
from fer_core.tracking.smoothing import HeldLabel
from fer_core.tracking.tracked_analyzer import TrackedAnalysis, TrackedFace

THRESHOLD = 0.5


def frame_result(
    timestamp_s: float, faces: Mapping[int, tuple[str, float]], *, missed: bool = False
) -> FrameResult:
    """A result with a label and its probability for each track ID."""
    analysis = TrackedAnalysis(
        width=640,
        height=480,
        faces=tuple(
            _face(identity, label, confidence, missed)
            for identity, (label, confidence) in faces.items()
        ),
        labels=FER2013,
        model="model",
        model_checksum="ab" * 32,
        detector="detector",
        detection_ms=5.0,
        classification_ms=2.0,
        threshold=THRESHOLD,
    )
    return FrameResult(timestamp_s, 8.0, analysis, True, Effort(2, 320, is_reduced=False))


def _face(identity: int, label: str, confidence: float, missed: bool) -> TrackedFace:
    probabilities = np.full(len(FER2013), (1 - confidence) / (len(FER2013) - 1), np.float32)
    index = FER2013.index(label)
    probabilities[index] = confidence
    return TrackedFace(
        xyxy=(100.0 * identity, 100.0, 100.0 * identity + 80, 180.0),
        detection_score=0.9,
        labels=FER2013,
        probabilities=probabilities,
        crop=np.zeros((80, 80, 3), np.uint8),
        track_id=identity,
        held=HeldLabel(index, confidence < THRESHOLD),
        is_missed=missed,
    )
