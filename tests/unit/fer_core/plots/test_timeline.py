"""Figures of a timeline draw the values of the timeline."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.labels.emotions import COLORS, FER2013
from fer_core.plots import timeline as timeline_charts
from fer_core.plots.timeline import events_figure, probability_areas_figure
from fer_core.video import VideoSettings, VideoTimeline, analyze_video
from tests.clips import make_clip
from tests.squares import BRIGHT, DARK, square_analyzer, squares


@pytest.fixture(scope="module")
def timeline() -> VideoTimeline:
    """Face 1 is angry for a second, gone for two, and back; face 2 comes late and is neutral."""
    pictures = [squares(DARK)] * 10 + [squares()] + [squares(None, BRIGHT)] * 10
    times_ms = [*range(0, 1000, 100), 1000, *range(3000, 4000, 100)]
    return analyze_video(
        make_clip(pictures, times_ms=times_ms), square_analyzer(), VideoSettings(half_life_s=0)
    )


def test_each_event_is_a_bar_in_the_color_of_its_label(timeline: VideoTimeline) -> None:
    figure = events_figure(timeline)
    bars = {bar.name: bar for bar in figure.data}
    assert set(bars) == {"angry", "neutral"}
    assert bars["angry"].base == (0.0,)
    assert bars["angry"].x == pytest.approx([0.9])
    assert bars["neutral"].y == ("Face 2",)
    assert bars["neutral"].marker.color == COLORS["neutral"]


def test_with_many_faces_those_with_the_longest_events_are_drawn(
    timeline: VideoTimeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_charts, "MAX_FACES_DRAWN", 1)
    (bar,) = events_figure(timeline).data
    seconds = {event.track: event.end_s - event.start_s for event in timeline.events()}
    assert bar.y == (f"Face {max(seconds, key=lambda track: seconds[track])}",)


def test_areas_add_up_to_one_and_can_be_zoomed(timeline: VideoTimeline) -> None:
    figure = probability_areas_figure(timeline, 1)
    assert [area.name for area in figure.data] == list(FER2013)
    assert {area.stackgroup for area in figure.data} == {"expressions"}
    total = np.sum([area.y for area in figure.data], axis=0)
    np.testing.assert_allclose(total, 1, atol=1e-5)
    assert figure.layout.xaxis.rangeslider.visible
    assert figure.layout.xaxis.range[1] == pytest.approx(4.0, abs=0.1)


def test_an_absent_face_leaves_a_gap() -> None:
    pictures = [squares(DARK)] * 2 + [squares()] + [squares(DARK)]
    timeline = analyze_video(make_clip(pictures, times_ms=[0, 100, 200, 1500]), square_analyzer())
    mix = timeline.mix_over_time(1)
    assert mix["timestamp_s"].tolist() == pytest.approx([0.0, 0.1, 0.8, 1.5])
    assert mix["p_angry"].isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize("step_ms", [1001, 5000])
def test_frames_that_are_all_far_apart_are_drawn_without_gaps(step_ms: int) -> None:
    times_ms = [at * step_ms for at in range(5)]
    timeline = analyze_video(make_clip([squares(DARK)] * 5, times_ms=times_ms), square_analyzer())
    mix = timeline.mix_over_time(1)
    assert len(mix) == 5
    assert not mix["p_angry"].isna().any()
    # With fewer points than frames, means are far apart in time, which is not a gap either.
    assert not timeline.mix_over_time(1, points=2)["p_angry"].isna().any()


def test_a_long_clip_is_drawn_in_time_intervals(timeline: VideoTimeline) -> None:
    whole, coarse = timeline.mix_over_time(2), timeline.mix_over_time(2, points=5)
    assert (len(whole), len(coarse)) == (10, 5)
    assert coarse["timestamp_s"].is_monotonic_increasing
    assert coarse["p_neutral"].tolist() == pytest.approx([0.9] * 5)
