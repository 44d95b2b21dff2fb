"""Tracker, smoothing and hysteresis together, on boxes and probabilities without images."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.recognition.faces import Faces
from fer_core.tracking.pipeline import TrackingConfig, TrackingPipeline
from fer_core.zoo.classifier import FacePredictions
from tests.stand_ins import brightness_classifier

CLASSES = 2
FIRST, SECOND = (0.9, 0.1, 0.6), (0.1, 0.9, 0.2)
"""Two classes and an action unit."""


def found(*faces: tuple[float, tuple[float, ...]]) -> Faces:
    """Faces with these left edges and outputs."""
    lefts = [left for left, _ in faces]
    xyxy = np.array([(left, 0, left + 80, 80) for left in lefts], np.float32).reshape(-1, 4)
    values = outputs(*(row for _, row in faces))
    return dataclasses.replace(
        Faces.of(
            brightness_classifier(action_units=("AU1",)),
            Detections(xyxy, np.full(len(xyxy), 0.9, np.float32)),
            FacePredictions(values[:, :CLASSES], values[:, CLASSES:]),
        ),
        labels=("happy", "sad"),
    )


def outputs(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, CLASSES + 1)


def ids(faces: Faces) -> list[int]:
    return [face.track_id for face in faces]


def test_predictions_are_in_the_order_of_the_detections() -> None:
    pipeline = TrackingPipeline()
    one = pipeline.update(found((0, FIRST), (400, SECOND)), 0.0, None)
    other = pipeline.update(found((400, SECOND), (0, FIRST)), 0.1, None)
    assert (ids(one), ids(other)) == ([1, 2], [2, 1])
    np.testing.assert_allclose(other.probabilities, outputs(SECOND, FIRST)[:, :CLASSES])
    np.testing.assert_allclose(other.unit_probabilities, outputs(SECOND, FIRST)[:, CLASSES:])
    assert other.prediction().tolist() == ["sad", "happy"]


def test_classes_and_action_units_are_averaged_and_the_label_held() -> None:
    pipeline = TrackingPipeline(TrackingConfig(half_life_s=1.0))
    pipeline.update(found((0, FIRST)), 0.0, None)
    faces = pipeline.update(found((0, SECOND)), 1.0, None)
    np.testing.assert_allclose(faces.probabilities, [[0.5, 0.5]], atol=1e-6)
    np.testing.assert_allclose(faces.unit_probabilities, [[0.4]], atol=1e-6)
    assert faces.prediction().tolist() == ["happy"]  # no other label is clearly ahead


def test_frames_without_faces_forget_who_is_gone() -> None:
    pipeline = TrackingPipeline()
    pipeline.update(found((0, FIRST)), 0.0, None)
    empty = pipeline.update(found(), 5.0, None)
    assert (empty.probabilities.shape, empty.unit_probabilities.shape) == ((0, 2), (0, 1))
    later = pipeline.update(found((0, SECOND)), 5.1, None)
    assert ids(later) == [2]
    np.testing.assert_allclose(later.probabilities, outputs(SECOND)[:, :CLASSES])


def test_another_model_resets_the_averages_and_keeps_the_track_ids() -> None:
    pipeline = TrackingPipeline(TrackingConfig(half_life_s=10.0))
    pipeline.update(found((0, FIRST)), 0.0, None)
    pipeline.forget_predictions()
    faces = pipeline.update(found((0, SECOND)), 0.1, None)
    assert ids(faces) == [1]
    np.testing.assert_allclose(faces.probabilities, outputs(SECOND)[:, :CLASSES])


def test_settings_may_change_between_frames() -> None:
    pipeline = TrackingPipeline(TrackingConfig(half_life_s=10.0, threshold=0.5))
    pipeline.update(found((0, FIRST)), 0.0, None)
    pipeline.settings = TrackingConfig(half_life_s=0.0, threshold=0.95)
    (face,) = pipeline.update(found((0, SECOND)), 0.1, None)
    np.testing.assert_allclose(face.probabilities, SECOND[:CLASSES])
    assert (face.label, face.is_uncertain(0.0)) == ("sad", True)


def test_time_never_runs_backwards() -> None:
    pipeline = TrackingPipeline()
    pipeline.update(found((0, FIRST)), 1.0, None)
    with pytest.raises(ValueError, match="not before the last one"):
        pipeline.update(found((0, FIRST)), 0.9, None)
