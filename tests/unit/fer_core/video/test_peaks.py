"""Every event has a thumbnail of its face at the peak of the expression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.recognition.analyzer import Analyzer
from fer_core.video import VideoSettings, analyze_video, peaks
from fer_core.video.peaks import PeakFaces
from tests.clips import make_clip
from tests.squares import BRIGHT, DARK, square_analyzer, squares

NO_AVERAGE = VideoSettings(half_life_s=0)


def test_a_face_that_shows_the_same_twice_has_two_pictures(analyzer: Analyzer) -> None:
    kept = PeakFaces()
    pictures = [squares(DARK)] * 8 + [squares(BRIGHT)] * 8 + [squares(DARK)] * 8
    timeline = analyze_video(make_clip(pictures), analyzer, NO_AVERAGE, on_faces=kept)
    events = timeline.events()
    assert [event.label for event in events] == ["angry", "neutral", "angry"]
    for event, brightness in zip(events, (DARK, BRIGHT, DARK), strict=True):
        peak = kept.of(event)
        assert peak is not None
        assert peak.timestamp_s == event.peak_s
        assert peak.thumbnail[28:84, 28:84].mean() == pytest.approx(brightness, abs=10)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, DARK, BRIGHT]),
            st.sampled_from([None, DARK, BRIGHT]),
            st.sampled_from([100, 300, 700, 1500]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_event_of_any_clip_has_its_picture(
    frames: list[tuple[int | None, int | None, int]],
) -> None:
    kept = PeakFaces()
    times_ms = [0, *np.cumsum([step_ms for _, _, step_ms in frames])[:-1].tolist()]
    clip = make_clip([squares(left, right) for left, right, _ in frames], times_ms=times_ms)
    settings = VideoSettings(half_life_s=0.2, threshold=0.6)
    timeline = analyze_video(clip, square_analyzer(), settings, on_faces=kept)
    for event in timeline.events():
        peak = kept.of(event)
        assert peak is not None
        assert peak.timestamp_s == event.peak_s
        assert peak.probability == pytest.approx(event.peak, abs=1e-6)


def test_of_too_many_events_those_that_begin_late_have_no_picture(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peaks, "MAX_PEAKS", 3)
    kept = PeakFaces()
    faces = [squares(DARK, DARK), squares(BRIGHT, DARK)] * 4
    clip = make_clip([picture for picture in faces for _ in range(7)])
    events = analyze_video(clip, analyzer, NO_AVERAGE, on_faces=kept).events()
    assert len(events) == 9
    # The right face is angry from the start to the end; three of the left face's are over by 2.1 s.
    assert [kept.of(event) is not None for event in events] == [True] * 4 + [False] * 5
    assert events[4].start_s == pytest.approx(2.1)
