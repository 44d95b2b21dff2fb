"""A live session on images with known predictions; scenes with faces are in test_live_scenes."""

from __future__ import annotations

import dataclasses
import json
import threading

import numpy as np
import pytest

from fer_core.live.session import LiveSession, LiveSettings
from fer_core.recognition.analyzer import Analyzer
from fer_core.recognition.face_columns import UNCERTAIN_BELOW
from fer_core.tracking.pipeline import TrackingConfig
from tests.people import BOX as FACE
from tests.people import person
from tests.stand_ins import FixedDetector, brightness_classifier, dark_and_bright

BOX = (10, 10, 50, 50)


def analyzer(model: str = "first", *boxes: tuple[float, ...]) -> Analyzer:
    return Analyzer(brightness_classifier(model), FixedDetector(*(boxes or (BOX,))))


def threshold(value: float) -> LiveSettings:
    return LiveSettings(follow=TrackingConfig(threshold=value))


@pytest.fixture
def session() -> LiveSession:
    return LiveSession(analyzer())


def test_before_the_first_frame_there_is_nothing(session: LiveSession) -> None:
    assert session.latest is None


def test_a_frame_result_has_faces_time_and_latency(session: LiveSession) -> None:
    result = session.process(dark_and_bright(), 12.5)
    assert result.timestamp_s == 12.5
    assert result.analysis.threshold == UNCERTAIN_BELOW
    assert [(face.track_id, face.label) for face in result.analysis.faces] == [(1, "angry")]
    spent = result.analysis.detection_ms + result.analysis.classification_ms
    assert result.latency_ms >= spent > 0
    assert session.latest is result


@pytest.mark.parametrize("detect_every", [1, 2, 4])
def test_after_a_cut_another_person_starts_without_the_previous_expression(
    detect_every: int,
) -> None:
    settings = LiveSettings(TrackingConfig(half_life_s=1.0), detect_every, budget_ms=1e9)
    session = LiveSession(analyzer("first", FACE), settings)
    first = person("happy", brightness=60)
    second = person("neutral", looks=1, where=1, brightness=-60)
    before = [session.process(first, index / 15) for index in range(8)]
    after = [session.process(second, index / 15) for index in range(8, 16)]
    assert {face.track_id for result in before for face in result.analysis.faces} == {1}
    (face,) = after[0].analysis.faces  # a frame with detection
    assert after[0].detected
    assert (face.track_id, face.label) == (2, "angry")
    assert face.confidence == pytest.approx(0.9, abs=1e-3)
    assert {face.track_id for result in after for face in result.analysis.faces} == {2}


def test_faces_are_detected_on_every_nth_frame() -> None:
    session = LiveSession(analyzer(), LiveSettings(detect_every=3, budget_ms=1e9))
    results = [session.process(dark_and_bright(), index / 15) for index in range(7)]
    assert [result.detected for result in results] == [True, False, False] * 2 + [True]
    assert [len(result.analysis.faces) for result in results] == [1] * 7
    assert not any(result.effort.is_reduced for result in results)


def test_at_low_fps_faces_are_detected_on_every_frame() -> None:
    session = LiveSession(analyzer(), LiveSettings(detect_every=100))
    times = [0.0, 0.1, 0.2, 0.7, 1.2, 1.3]
    results = [session.process(dark_and_bright(), time_s) for time_s in times]
    assert [result.detected for result in results] == [True, False, False, True, True, False]


def test_too_slow_frames_lead_to_less_work_and_the_result_says_so() -> None:
    session = LiveSession(analyzer(), LiveSettings(detect_every=1, budget_ms=1e-6))
    results = [session.process(dark_and_bright(), index / 15) for index in range(120)]
    first, last = results[0].effort, results[-1].effort
    assert not first.is_reduced
    assert last.is_reduced
    assert last.detect_every > first.detect_every
    assert last.detection_side < first.detection_side
    assert {face.track_id for result in results for face in result.analysis.faces} == {1}


def test_table_and_json_name_the_moment_and_the_identity() -> None:
    session = LiveSession(analyzer("first", BOX, (120, 10, 160, 50)))
    result = session.process(dark_and_bright(), 3.25)
    table = result.to_frame()
    assert table["timestamp_s"].tolist() == [3.25, 3.25]
    assert table["track_id"].tolist() == [1, 2]
    assert table["prediction"].tolist() == ["angry", "neutral"]
    values = json.loads(json.dumps(result.to_dict()))
    assert values["timestamp_s"] == 3.25
    assert values["pace"]["detect_every"] == 2
    assert [face["track_id"] for face in values["faces"]] == [1, 2]


def test_without_crops_the_numbers_stay() -> None:
    result = LiveSession(analyzer()).process(dark_and_bright(), 0.0)
    light = dataclasses.replace(result, analysis=result.analysis.without_crops())
    assert light.to_dict() == result.to_dict()
    assert light.analysis.faces[0].crop.size == 0


def test_settings_hold_from_the_next_frame_on_and_lose_no_face(session: LiveSession) -> None:
    session.process(dark_and_bright(), 0.0)
    session.configure(settings=threshold(0.95))
    result = session.process(dark_and_bright(), 0.1)
    assert (result.analysis.threshold, result.analysis.model) == (0.95, "first")
    assert result.analysis.faces[0].is_uncertain(0.95)
    session.configure(analyzer=analyzer("second"))
    result = session.process(dark_and_bright(), 0.2)
    assert (result.analysis.threshold, result.analysis.model) == (0.95, "second")
    session.configure(settings=LiveSettings(detect_every=1))
    result = session.process(dark_and_bright(), 0.3)
    assert result.detected
    assert not result.analysis.faces[0].is_uncertain(result.analysis.threshold)
    assert [face.track_id for face in result.analysis.faces] == [1]


def test_probabilities_follow_a_change_within_their_half_life() -> None:
    follow = TrackingConfig(half_life_s=0.4)
    session = LiveSession(analyzer(), LiveSettings(follow=follow, detect_every=1))
    dark, bright = np.zeros((120, 200, 3), np.uint8), np.full((120, 200, 3), 250, np.uint8)
    session.process(dark, 0.0)
    (face,) = session.process(bright, 0.4).analysis.faces
    # Half of the old and half of the new distribution.
    assert face.probabilities[face.labels.index("angry")] == pytest.approx((0.9 + 0.1 / 6) / 2)
    assert face.label == "angry"
    (face,) = session.process(bright, 1.6).analysis.faces
    assert face.label == "neutral"
    assert face.confidence == pytest.approx(0.9 - (0.9 - 0.1 / 6) / 16, abs=1e-4)


def test_another_model_predicts_at_once() -> None:
    follow = TrackingConfig(half_life_s=100.0)
    session = LiveSession(analyzer(), LiveSettings(follow=follow))
    session.process(np.zeros((120, 200, 3), np.uint8), 0.0)
    session.configure(analyzer=analyzer("second"))
    (face,) = session.process(np.full((120, 200, 3), 250, np.uint8), 0.1).analysis.faces
    assert (face.track_id, face.label) == (1, "neutral")


def test_action_units_are_smoothed_like_probabilities() -> None:
    classifier = brightness_classifier(action_units=("AU4", "AU12"))
    settings = LiveSettings(follow=TrackingConfig(half_life_s=0.5))
    session = LiveSession(Analyzer(classifier, FixedDetector(BOX)), settings)
    session.process(np.zeros((120, 200, 3), np.uint8), 0.0)
    (face,) = session.process(np.full((120, 200, 3), 255, np.uint8), 0.5).analysis.faces
    assert face.action_units == {"AU4": pytest.approx(0.5), "AU12": pytest.approx(0.5)}


def test_of_many_faces_the_largest_are_tracked() -> None:
    boxes = [(x, 10, x + 8 + index, 20 + index) for index, x in enumerate(range(0, 180, 15))]
    session = LiveSession(analyzer("first", *boxes))
    faces = session.process(dark_and_bright(), 0.0).analysis.faces
    assert [face.xyxy[0] for face in faces] == pytest.approx([box[0] for box in boxes[-10:]])


def test_settings_may_change_while_frames_run(session: LiveSession) -> None:
    models = {name: analyzer(name) for name in ("first", "second")}
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for index in range(200):
                session.process(dark_and_bright(), float(index))
        except BaseException as error:
            failures.append(error)

    worker = threading.Thread(target=run)
    worker.start()
    count = 0
    while worker.is_alive():
        count += 1
        for analyzer_of_name in models.values():
            session.configure(analyzer=analyzer_of_name, settings=threshold(count % 10 / 10))
            assert session.latest is None or session.latest.analysis.model in models
    worker.join()
    assert failures == []
    assert session.latest is not None
    assert session.latest.timestamp_s == 199


def test_a_frame_that_fails_leaves_the_session_usable(session: LiveSession) -> None:
    with pytest.raises(ValueError, match="Received: shape="):
        session.process(np.zeros((4, 4), np.uint8), 0.0)
    assert session.latest is None
    assert len(session.process(dark_and_bright(), 1.0).analysis.faces) == 1
