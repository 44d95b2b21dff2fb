"""Average faces move, cross, leave and return, with real detectors and a real, tiny model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from fer_core.faces import DETECTORS, LIVE_SIDE, create_detector
from fer_core.live.session import FrameResult, LiveSession, LiveSettings
from fer_core.recognition.analyzer import Analyzer
from fer_core.zoo.classifier import load_classifier
from fer_core.zoo.store import ModelStore
from tests.scenes import PlacedFace, sample_scene

FPS = 15
Script = Callable[[float], Iterable[PlacedFace]]

has_yunet = Path(os.environ.get("FER_YUNET_MODEL", "no_such_file")).is_file()


@pytest.fixture(params=DETECTORS)
def detector_name(request: pytest.FixtureRequest) -> str:
    if request.param == "yunet" and not has_yunet:
        pytest.skip("needs YuNet's file in FER_YUNET_MODEL")
    return str(request.param)


@pytest.fixture
def session(detector_name: str, models_dir: Path) -> LiveSession:
    detector = create_detector(detector_name, longest_side=LIVE_SIDE)
    analyzer = Analyzer(load_classifier("tiny_a", store=ModelStore(models_dir)), detector)
    # Independent of the machine's speed, which is tested elsewhere.
    return LiveSession(analyzer, LiveSettings(budget_ms=1e6))


def play(session: LiveSession, script: Script, *, seconds: float) -> list[FrameResult]:
    times = [frame / FPS for frame in range(round(seconds * FPS))]
    return [session.process(sample_scene(list(script(time_s))), time_s) for time_s in times]


def ids(result: FrameResult) -> list[int]:
    return [face.track_id for face in result.analysis.faces]


def test_a_moving_face_is_never_lost_for_a_frame(session: LiveSession) -> None:
    results = play(session, lambda t: [PlacedFace("happy", (150 + 90 * t, 240))], seconds=4)
    assert [ids(result) for result in results] == [[1]] * len(results)
    for result in results[FPS:]:
        (face,) = result.analysis.faces
        middle = (face.xyxy[0] + face.xyxy[2]) / 2
        assert middle == pytest.approx(150 + 90 * result.timestamp_s, abs=12)


def test_faces_that_cross_keep_their_identities(session: LiveSession) -> None:
    def script(time_s: float) -> list[PlacedFace]:
        moved = 120 * time_s
        return [
            PlacedFace("happy", (110 + moved, 240)),
            PlacedFace("angry", (530 - moved, 245), 190),
        ]

    results = play(session, script, seconds=3.6)
    assert ids(results[0]) == [1, 2]
    assert ids(results[-1]) == [2, 1]
    assert {identity for result in results for identity in ids(result)} == {1, 2}


def test_a_briefly_hidden_face_keeps_its_track_id(session: LiveSession) -> None:
    def script(time_s: float) -> list[PlacedFace]:
        return [] if 1.0 <= time_s < 1.6 else [PlacedFace("neutral", (320, 240))]

    results = play(session, script, seconds=3)
    assert {identity for result in results for identity in ids(result)} == {1}
    hidden = [result for result in results if 1.4 <= result.timestamp_s < 1.6]
    assert all(ids(result) == [] for result in hidden)


def test_a_face_that_returns_later_gets_a_new_track_id(session: LiveSession) -> None:
    def script(time_s: float) -> list[PlacedFace]:
        return [PlacedFace("sad", (200, 240))] + (
            [] if 1.0 <= time_s < 3.2 else [PlacedFace("surprise", (460, 240))]
        )

    results = play(session, script, seconds=4.2)
    assert ids(results[0]) == [1, 2]
    assert ids(results[-1]) == [1, 3]
    assert all(1 in ids(result) for result in results)


def test_a_face_that_walks_out_leaves_no_box_behind(session: LiveSession) -> None:
    results = play(session, lambda t: [PlacedFace("happy", (400 + 200 * t, 240))], seconds=3)
    assert ids(results[0]) == [1]
    assert ids(results[-1]) == []
    for result in results:
        for face in result.analysis.faces:
            left, top, right, bottom = face.xyxy
            assert 0 <= left < right <= 640
            assert 0 <= top < bottom <= 480


def test_boxes_do_not_blink_when_a_detection_is_missed(session: LiveSession) -> None:
    def script(time_s: float) -> list[PlacedFace]:
        frame = round(time_s * FPS)
        return [] if frame in (14, 15, 28, 29) else [PlacedFace("happy", (320, 240))]

    results = play(session, script, seconds=3)
    assert [ids(result) for result in results] == [[1]] * len(results)
    assert any(face.is_missed for result in results for face in result.analysis.faces)


@pytest.mark.parametrize("count", [1, 3, 5, 10])
def test_one_to_ten_faces_are_tracked_together(
    session: LiveSession, detector_name: str, count: int
) -> None:
    side = min(200, 1200 // count)

    def script(time_s: float) -> Iterable[PlacedFace]:
        rows = 1 if count <= 5 else 2
        for index in range(count):
            row, column = index % rows, index // rows
            x = (column + 0.5) * 640 / -(-count // rows) + 8 * time_s
            yield PlacedFace("happy", (x, 240 if rows == 1 else 120 + 240 * row), side)

    if detector_name == "haar" and count == 10:
        pytest.skip("Haar finds no faces this small at the size of live pictures")
    results = play(session, script, seconds=1)
    assert {tuple(sorted(ids(result))) for result in results} == {tuple(range(1, count + 1))}
