from __future__ import annotations

import pytest

from fer_core.live.timeline import KEPT_S, LiveTimelineRecorder
from fer_core.recognition.face_columns import UNCERTAIN
from tests.live_results import frame_result


def test_a_label_that_holds_is_one_segment() -> None:
    timeline = LiveTimelineRecorder()
    for index in range(31):
        timeline.add(frame_result(10 + index / 10, {1: ("happy", 0.6 + 0.01 * (index % 2))}))
    (segment,) = timeline.snapshot(13.0).segments
    assert (segment.track_id, segment.label) == (1, "happy")
    assert (segment.start_s, segment.end_s) == (10.0, 13.0)
    assert segment.confidence == pytest.approx(0.605, abs=1e-3)


def test_a_new_label_begins_where_the_old_one_ends() -> None:
    timeline = LiveTimelineRecorder()
    for index in range(10):
        label = "happy" if index < 5 else "sad"
        timeline.add(frame_result(index / 10, {1: (label, 0.8)}))
    first, second = timeline.snapshot(1.0).segments
    assert (first.label, second.label) == ("happy", "sad")
    assert first.end_s == second.start_s == 0.5


def test_faces_have_segments_of_their_own_and_uncertain_is_one() -> None:
    timeline = LiveTimelineRecorder()
    for index in range(5):
        timeline.add(frame_result(index / 10, {2: ("sad", 0.9), 1: ("happy", 0.3)}))
    snapshot = timeline.snapshot(0.5)
    assert snapshot.track_ids == (1, 2)
    assert {(each.track_id, each.label) for each in snapshot.segments} == {
        (1, UNCERTAIN),
        (2, "sad"),
    }


def test_a_pause_is_a_hole() -> None:
    timeline = LiveTimelineRecorder()
    for time_s in (0.0, 0.1, 5.0, 5.1):
        timeline.add(frame_result(time_s, {1: ("happy", 0.9)}))
    spans = [(each.start_s, each.end_s) for each in timeline.snapshot(6).segments]
    assert spans == [(0.0, 0.1), (5.0, 5.1)]


@pytest.mark.parametrize("step_s", [0.8, 1.001, 2.0])
def test_a_slow_picture_has_no_holes(step_s: float) -> None:
    timeline = LiveTimelineRecorder()
    for index in range(10):
        timeline.add(frame_result(index * step_s, {1: ("happy", 0.9)}))
    (segment,) = timeline.snapshot(10 * step_s).segments
    assert (segment.start_s, segment.end_s) == (0.0, 9 * step_s)


def test_a_face_that_a_slow_picture_does_not_show_leaves_a_hole() -> None:
    timeline = LiveTimelineRecorder()
    for index in range(7):
        faces = {} if index == 3 else {1: ("happy", 0.9)}
        timeline.add(frame_result(float(index), faces))
    spans = [(each.start_s, each.end_s) for each in timeline.snapshot(7.0).segments]
    assert spans == [(0.0, 2.0), (4.0, 6.0)]


def test_a_missed_face_adds_nothing() -> None:
    timeline = LiveTimelineRecorder()
    timeline.add(frame_result(0.0, {1: ("happy", 0.9)}, missed=True))
    assert timeline.snapshot(1.0).segments == ()


def test_only_the_last_minutes_are_kept_and_cut_at_their_beginning() -> None:
    timeline = LiveTimelineRecorder()
    for index in range(1200):
        label = "happy" if index < 300 else "sad"
        timeline.add(frame_result(index / 4, {1: (label, 0.9)}))
    (segment,) = timeline.snapshot(299.75).segments
    assert segment.label == "sad"
    assert segment.start_s == pytest.approx(299.75 - KEPT_S)


def test_the_table_counts_seconds_back_from_now() -> None:
    timeline = LiveTimelineRecorder()
    for index in range(11):
        timeline.add(frame_result(100 + index / 10, {3: ("happy", 0.9)}))
    (row,) = timeline.snapshot(102.0).to_frame().to_dict("records")
    assert row == {
        "track_id": 3,
        "prediction": "happy",
        "start_s": -2.0,
        "end_s": -1.0,
        "mean_confidence": 0.9,
        "model": "model",
        "threshold": 0.5,
    }
    assert list(LiveTimelineRecorder().snapshot(0).to_frame().columns) == list(row)
