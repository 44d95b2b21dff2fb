"""Tracker, smoothing and hysteresis together, on boxes and probabilities without images."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.faces import Detections
from fer_core.tracking.pipeline import TrackingConfig, TrackingPipeline
from fer_core.tracking.smoothing import HeldLabel

CLASSES = 2
FIRST, SECOND = (0.9, 0.1, 0.6), (0.1, 0.9, 0.2)
"""Two classes and an action unit."""


def found(*lefts: float) -> Detections:
    xyxy = np.array([(left, 0, left + 80, 80) for left in lefts], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.full(len(xyxy), 0.9, np.float32))


def outputs(*rows: tuple[float, ...]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, CLASSES + 1)


def test_predictions_are_in_the_order_of_the_detections() -> None:
    pipeline = TrackingPipeline()
    one = pipeline.update(found(0, 400), outputs(FIRST, SECOND), CLASSES, 0.0, None)
    other = pipeline.update(found(400, 0), outputs(SECOND, FIRST), CLASSES, 0.1, None)
    assert ([*one.track_ids], [*other.track_ids]) == ([1, 2], [2, 1])
    np.testing.assert_allclose(other.probabilities, outputs(SECOND, FIRST)[:, :CLASSES])
    np.testing.assert_allclose(other.action_units, outputs(SECOND, FIRST)[:, CLASSES:])
    assert [held.index for held in other.held] == [1, 0]


def test_classes_and_action_units_are_averaged_and_the_label_held() -> None:
    pipeline = TrackingPipeline(TrackingConfig(half_life_s=1.0))
    pipeline.update(found(0), outputs(FIRST), CLASSES, 0.0, None)
    faces = pipeline.update(found(0), outputs(SECOND), CLASSES, 1.0, None)
    np.testing.assert_allclose(faces.probabilities, [[0.5, 0.5]], atol=1e-6)
    np.testing.assert_allclose(faces.action_units, [[0.4]], atol=1e-6)
    assert faces.held == (HeldLabel(0, is_uncertain=False),)  # no other label is clearly ahead


def test_frames_without_faces_forget_who_is_gone() -> None:
    pipeline = TrackingPipeline()
    pipeline.update(found(0), outputs(FIRST), CLASSES, 0.0, None)
    empty = pipeline.update(found(), outputs(), CLASSES, 5.0, None)
    assert (empty.probabilities.shape, empty.action_units.shape) == ((0, 2), (0, 1))
    later = pipeline.update(found(0), outputs(SECOND), CLASSES, 5.1, None)
    assert [*later.track_ids] == [2]
    np.testing.assert_allclose(later.probabilities, outputs(SECOND)[:, :CLASSES])


def test_another_model_resets_the_averages_and_keeps_the_track_ids() -> None:
    pipeline = TrackingPipeline(TrackingConfig(half_life_s=10.0))
    pipeline.update(found(0), outputs(FIRST), CLASSES, 0.0, None)
    pipeline.forget_predictions()
    faces = pipeline.update(found(0), outputs(SECOND), CLASSES, 0.1, None)
    assert [*faces.track_ids] == [1]
    np.testing.assert_allclose(faces.probabilities, outputs(SECOND)[:, :CLASSES])


def test_settings_may_change_between_frames() -> None:
    pipeline = TrackingPipeline(TrackingConfig(half_life_s=10.0, threshold=0.5))
    pipeline.update(found(0), outputs(FIRST), CLASSES, 0.0, None)
    pipeline.settings = TrackingConfig(half_life_s=0.0, threshold=0.95)
    faces = pipeline.update(found(0), outputs(SECOND), CLASSES, 0.1, None)
    np.testing.assert_allclose(faces.probabilities, outputs(SECOND)[:, :CLASSES])
    assert faces.held == (HeldLabel(1, is_uncertain=True),)


def test_time_never_runs_backwards() -> None:
    pipeline = TrackingPipeline()
    pipeline.update(found(0), outputs(FIRST), CLASSES, 1.0, None)
    with pytest.raises(ValueError, match="not before the last one"):
        pipeline.update(found(0), outputs(FIRST), CLASSES, 0.9, None)
