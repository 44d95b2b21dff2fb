from __future__ import annotations

from dataclasses import replace

import pytest

from fer_core.labels.emotions import COLORS
from fer_core.live.timeline import LiveTimeline, LiveTimelineRecorder
from fer_core.plots import timeline_bars
from fer_core.recognition.face_columns import UNCERTAIN
from tests.live_results import frame_result


def a_minute() -> LiveTimeline:
    timeline = LiveTimelineRecorder()
    for index in range(200):
        label = "happy" if index < 100 else "sad"
        faces = {1: (label, 0.9)} | ({2: ("fear", 0.3)} if index >= 50 else {})
        timeline.add(frame_result(1000 + index / 10, faces))
    return timeline.snapshot(1020.0)


def test_each_segment_is_a_bar_in_the_row_of_its_face_and_the_color_of_its_label() -> None:
    bars = {bar.name: bar for bar in timeline_bars(a_minute()).data}
    assert set(bars) == {"happy", "sad", UNCERTAIN}
    assert list(bars["sad"].y) == ["Face 1"]
    assert list(bars[UNCERTAIN].y) == ["Face 2"]
    assert bars["happy"].marker.color == COLORS["happy"]
    assert bars["happy"].base[0] == pytest.approx(-20)
    assert bars["happy"].x[0] == pytest.approx(10)
    assert bars["sad"].base[0] == pytest.approx(-10)


def test_the_first_face_is_on_top_and_now_is_on_the_right() -> None:
    figure = timeline_bars(a_minute())
    assert list(figure.layout.yaxis.categoryarray) == ["Face 2", "Face 1"]
    assert tuple(figure.layout.xaxis.range) == (-30, 0)


def test_of_many_faces_the_newest_ten_are_drawn() -> None:
    timeline = LiveTimelineRecorder()
    for identity in range(1, 15):
        timeline.add(frame_result(float(identity), {identity: ("happy", 0.9)}))
    figure = timeline_bars(timeline.snapshot(15.0))
    assert list(figure.layout.yaxis.categoryarray)[::-1] == [f"Face {n}" for n in range(5, 15)]


def test_a_label_of_another_model_is_drawn_too() -> None:
    timeline = a_minute()
    calm = tuple(
        replace(segment, label="calm") if segment.label == "happy" else segment
        for segment in timeline.segments
    )
    bars = [bar.name for bar in timeline_bars(replace(timeline, segments=calm)).data]
    assert bars == ["sad", "calm", UNCERTAIN]
