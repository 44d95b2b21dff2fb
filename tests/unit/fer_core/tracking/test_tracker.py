from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.faces import Detections
from fer_core.tracking.track import Track
from fer_core.tracking.tracker import FaceTracker, TrackerConfig

SIZE = 80.0


def found(*centers: Sequence[float], size: float = SIZE) -> Detections:
    """Detections of one size around given points."""
    middle = np.array(centers, np.float32).reshape(-1, 2)
    xyxy = np.concatenate([middle - size / 2, middle + size / 2], axis=1).astype(np.float32)
    return Detections(xyxy, np.full(len(xyxy), 0.9, np.float32))


def center(track: Track) -> tuple[float, float]:
    left, top, right, bottom = track.xyxy
    return (left + right) / 2, (top + bottom) / 2


def ids(tracks: Sequence[Track]) -> list[int]:
    return [track.id for track in tracks]


def test_no_face_gives_no_track() -> None:
    tracker = FaceTracker()
    assert tracker.update(Detections.empty(), 0.0) == ()
    assert tracker.predict(0.1) == ()


def test_a_new_face_is_returned_at_once_where_it_was_detected() -> None:
    (track,) = FaceTracker().update(found((100, 120)), 5.0)
    assert (track.id, track.detection, track.since_seen_s) == (1, 0, 0.0)
    np.testing.assert_allclose(track.xyxy, (60, 80, 140, 160), rtol=1e-6)
    assert track.score == pytest.approx(0.9)


def test_tracks_are_ordered_left_to_right_and_name_their_detections() -> None:
    tracks = FaceTracker().update(found((400, 100), (100, 100), (250, 100)), 0.0)
    assert [track.detection for track in tracks] == [1, 2, 0]


@pytest.mark.parametrize("fps", [5, 15, 30])
@pytest.mark.parametrize("speed", [0, 60, 240])
def test_a_moving_face_stays_the_same_face(fps: int, speed: float) -> None:
    tracker = FaceTracker()
    for frame in range(2 * fps):
        (track,) = tracker.update(found((100 + speed * frame / fps, 200)), frame / fps)
        assert track.id == 1
    # The filter follows without lagging behind a steady movement.
    np.testing.assert_allclose(center(track), (100 + speed * frame / fps, 200), atol=3)


@pytest.mark.parametrize("fps", [8, 15, 25])
@pytest.mark.parametrize("speed", [100, 200, 400])
def test_two_faces_that_cross_keep_their_identities(fps: int, speed: float) -> None:
    tracker = FaceTracker()
    for frame in range(round(fps * 500 / speed)):
        moved = speed * frame / fps
        left, right = (50 + moved, 200), (550 - moved, 210)
        hidden = abs(left[0] - right[0]) < 0.6 * SIZE  # one detection for both, as a detector does
        tracks = tracker.update(found(left) if hidden else found(left, right), frame / fps)
    assert set(ids(tracks)) == {1, 2}
    place = {track.id: center(track)[0] for track in tracks}
    assert place[1] > place[2]


@pytest.mark.parametrize("hidden_s", [0.1, 0.5, 0.9])
def test_a_face_survives_a_short_occlusion(hidden_s: float) -> None:
    tracker = FaceTracker()
    times = np.arange(0, 4, 1 / 15)
    for time_s in times:
        hidden = 2 <= time_s < 2 + hidden_s
        tracks = tracker.update(
            Detections.empty() if hidden else found((100 + 80 * time_s, 200)), time_s
        )
    assert ids(tracks) == [1]


def test_a_missed_face_is_extrapolated_for_a_moment() -> None:
    tracker = FaceTracker(TrackerConfig(coast_s=0.3, forget_s=1.0))
    for frame in range(20):
        tracker.update(found((100 + 10 * frame, 200)), frame / 10)
    (coasting,) = tracker.update(Detections.empty(), 2.1)
    assert (coasting.id, coasting.detection, coasting.is_missed) == (1, None, True)
    assert coasting.since_seen_s == pytest.approx(0.2)
    assert center(coasting)[0] == pytest.approx(310, abs=5)
    assert tracker.update(Detections.empty(), 2.3) == ()
    assert tracker.ids == {1}


def test_a_face_that_comes_back_late_is_a_new_one() -> None:
    tracker = FaceTracker(TrackerConfig(forget_s=1.0))
    for frame in range(10):
        tracker.update(found((100, 200)), frame / 10)
    tracker.update(Detections.empty(), 1.5)
    tracker.update(Detections.empty(), 2.0)
    assert tracker.ids == frozenset()
    assert ids(tracker.update(found((100, 200)), 2.1)) == [2]


@pytest.mark.parametrize("step_s", [1.5, 45 / 30 * 1.001, 2.0, 60 / 30 * 1.001])
def test_with_rare_detections_one_miss_does_not_end_a_track(step_s: float) -> None:
    tracker = FaceTracker()
    seen = []
    for at, is_detected in enumerate((True, True, False, True, False, False, True)):
        detections = found((100, 200)) if is_detected else Detections.empty()
        tracks = tracker.update(detections, at * step_s)
        seen += ids(tracks) if is_detected else []
    assert seen == [1, 1, 1, 2]


def test_after_a_long_pause_every_track_is_new() -> None:
    tracker = FaceTracker()
    for frame in range(5):
        tracker.update(found((100, 200)), frame / 10)
    tracker.update(Detections.empty(), 60.0)
    assert ids(tracker.update(found((100, 200)), 60.1)) == [2]


def test_what_was_found_only_once_is_not_shown_when_it_is_gone() -> None:
    tracker = FaceTracker()
    tracker.update(found((100, 200)), 0.0)
    assert tracker.update(Detections.empty(), 0.05) == ()
    assert tracker.ids == frozenset()


def test_a_face_far_away_is_another_face() -> None:
    tracker = FaceTracker()
    tracker.update(found((100, 200)), 0.0)
    assert 1 not in ids(tracker.update(found((500, 200)), 0.05))


def test_a_face_of_another_size_in_the_same_place_is_another_face() -> None:
    tracker = FaceTracker()
    tracker.update(found((200, 200), size=40), 0.0)
    assert 1 not in ids(tracker.update(found((200, 200), size=160), 0.05))


def test_between_detections_faces_are_extrapolated() -> None:
    tracker = FaceTracker()
    for frame in range(20):
        tracker.update(found((100 + 10 * frame, 200)), frame / 10)
    (track,) = tracker.predict(1.95)
    assert (track.detection, track.is_missed) == (None, False)
    assert center(track)[0] == pytest.approx(295, abs=3)
    # Independent of the pause until the next detection.
    assert ids(tracker.predict(9.0)) == [1]


def test_boxes_jitter_less_than_detections() -> None:
    rng = np.random.default_rng(0)
    tracker = FaceTracker()
    detected, shown = [], []
    for frame in range(90):
        jitter = rng.normal(0, 0.04 * SIZE, 2)
        (track,) = tracker.update(found((200 + jitter[0], 200 + jitter[1])), frame / 15)
        detected.append(jitter[0])
        shown.append(center(track)[0])
    assert np.diff(shown[15:]).std() < 0.6 * np.diff(detected[15:]).std()


def test_landmarks_move_with_the_box() -> None:
    points = np.array([[[80, 90], [120, 90], [100, 110], [85, 130], [115, 130]]], np.float32)
    tracker = FaceTracker()
    for frame in range(20):
        step = np.array([6 * frame, 0], np.float32)
        box = (np.array([[60, 60, 140, 160]], np.float32).reshape(1, 2, 2) + step).reshape(1, 4)
        tracker.update(Detections(box, np.ones(1, np.float32), points + step), frame / 15)
    (track,) = tracker.predict(20 / 15)
    assert track.landmarks is not None
    np.testing.assert_allclose(track.landmarks, points[0] + (120, 0), atol=3)


@pytest.mark.parametrize("wrong", [0.9, float("nan"), float("inf")])
def test_time_does_not_run_backwards(wrong: float) -> None:
    tracker = FaceTracker()
    tracker.update(found((100, 100)), 1.0)
    with pytest.raises(ValueError, match="not before the last one"):
        tracker.update(Detections.empty(), wrong)


@pytest.mark.parametrize("wrong", [{"coast_s": 2.0}, {"coast_s": -1}, {"max_step": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Expected 0 <= coast_s"):
        TrackerConfig(**wrong)


corner = st.floats(0, 600)
box = st.tuples(corner, corner, st.floats(10, 200), st.floats(10, 200))
scene = st.lists(st.tuples(st.floats(0, 0.5), st.lists(box, max_size=10)), min_size=1, max_size=8)


def detections_of(boxes: Sequence[Sequence[float]]) -> Detections:
    xywh = np.array(boxes, np.float32).reshape(-1, 4)
    xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    return Detections(xyxy, np.full(len(xyxy), 0.9, np.float32))


@settings(max_examples=60, deadline=None)
@given(scene)
def test_every_detection_is_exactly_one_track_and_no_id_comes_twice(
    frames: list[tuple[float, list[tuple[float, float, float, float]]]],
) -> None:
    tracker = FaceTracker()
    gone: set[int] = set()
    seen: set[int] = set()
    time_s = 0.0
    for step_s, boxes in frames:
        time_s += step_s
        tracks = tracker.update(detections_of(boxes), time_s)
        rows = [track.detection for track in tracks if track.detection is not None]
        assert sorted(rows) == list(range(len(boxes)))
        assert len(set(ids(tracks))) == len(tracks)
        assert set(ids(tracks)) <= tracker.ids
        assert not gone & tracker.ids
        gone |= seen - tracker.ids
        seen |= tracker.ids
        for track in tracks:
            left, top, right, bottom = track.xyxy
            assert left < right
            assert top < bottom
            assert track.since_seen_s >= 0


@settings(max_examples=30, deadline=None)
@given(scene, st.randoms())
def test_the_order_of_detections_does_not_matter(
    frames: list[tuple[float, list[tuple[float, float, float, float]]]], random: object
) -> None:
    one, other = FaceTracker(), FaceTracker()
    time_s = 0.0
    for step_s, boxes in frames:
        time_s += step_s
        distinct = list(dict.fromkeys(boxes))
        boxes_one = [track.xyxy for track in one.update(detections_of(distinct), time_s)]
        turned = other.update(detections_of(distinct[::-1]), time_s)
        np.testing.assert_allclose(
            sorted(boxes_one), sorted(track.xyxy for track in turned), rtol=1e-6, atol=1e-6
        )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.001, 0.3), min_size=2, max_size=6))
def test_more_frequent_detection_changes_no_prediction(steps: list[float]) -> None:
    often, once = FaceTracker(), FaceTracker()
    for tracker in (often, once):
        for frame in range(5):
            tracker.update(found((100 + 7 * frame, 200)), frame / 15)
    start = 4 / 15
    for time_s in start + np.cumsum(steps):
        last = often.predict(float(time_s))
    end_s = float(start + np.sum(steps))
    for track, expected in zip(last, once.predict(end_s), strict=True):
        np.testing.assert_allclose(track.xyxy, expected.xyxy, rtol=1e-9)
    after = found((160, 200))
    for track, expected in zip(
        often.update(after, end_s + 0.01), once.update(after, end_s + 0.01), strict=True
    ):
        assert track.id == expected.id
        np.testing.assert_allclose(track.xyxy, expected.xyxy, rtol=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.25, 8), st.floats(-1000, 1000))
def test_a_larger_picture_at_another_time_gives_the_same_tracks(scale: float, later: float) -> None:
    plain, other = FaceTracker(), FaceTracker()
    for frame in range(6):
        x, y = 100 + 12.0 * frame, 200.0
        (one,) = plain.update(found((x, y)), frame / 15)
        larger = found((scale * x, scale * y), size=scale * SIZE)
        (two,) = other.update(larger, later + frame / 15)
        np.testing.assert_allclose(np.array(one.xyxy) * scale, two.xyxy, rtol=1e-4)
