"""Frame rates, gaps and cuts change neither track IDs nor events."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest

from fer_core.recognition.analyzer import Analyzer
from fer_core.video import VideoSettings, analyze_video
from fer_core.video.observation_log import MemoryCheckpoint
from fer_core.video.peaks import PeakFaces
from tests.clips import make_clip
from tests.people import BOX, person
from tests.squares import BRIGHT, DARK, square_analyzer, squares
from tests.stand_ins import FixedDetector


def times_of(rate: float, seconds: float) -> list[int]:
    return [round(1000 * at / rate) for at in range(round(seconds * rate))]


@lru_cache
def still(rate: float) -> bytes:
    """Returns a clip of a dark face that does not change."""
    times_ms = times_of(rate, 4.6)
    return make_clip([squares(DARK)] * len(times_ms), times_ms=times_ms)


@pytest.mark.parametrize("rate", [23.976, 29.97, 30.0])
@pytest.mark.parametrize("fps", [10.0, 2.0, 1.0, 0.9, 0.5])
def test_a_held_expression_is_one_event_at_any_rate(
    analyzer: Analyzer, rate: float, fps: float | None
) -> None:
    peaks = PeakFaces()
    timeline = analyze_video(still(rate), analyzer, VideoSettings(fps=fps), on_faces=peaks)
    (event,) = timeline.events()
    assert (event.label, event.start_s) == ("angry", 0.0)
    assert event.end_s == timeline.frame_timestamp_s[-1]
    peak = peaks.of(event)
    assert peak is not None
    assert peak.timestamp_s == event.peak_s


@pytest.mark.parametrize("every", [30, 45, 60])
def test_every_nth_frame_of_a_29_97_fps_clip_gives_the_events_of_30_fps(
    analyzer: Analyzer, every: int
) -> None:
    ntsc, exact = (
        analyze_video(still(rate), analyzer, VideoSettings(every=every)).events()
        for rate in (29.97, 30.0)
    )
    assert [event.label for event in ntsc] == [event.label for event in exact] == ["angry"]
    assert ntsc[0].end_s == pytest.approx(exact[0].end_s, rel=0.002)


def test_a_timelapse_has_no_events_and_says_why(analyzer: Analyzer) -> None:
    clip = make_clip([squares(DARK)] * 6, times_ms=[5000 * at for at in range(6)])
    timeline = analyze_video(clip, analyzer)
    assert timeline.tracks == (1,)
    assert timeline.events() == ()
    sampling = json.loads(timeline.to_json())["sampling"]
    assert sampling["is_too_coarse"]
    assert "5.0 s apart" in sampling["notice"]


def test_a_face_that_is_missed_on_a_sparse_frame_ends_the_event(analyzer: Analyzer) -> None:
    pictures = [squares(DARK)] * 3 + [squares()] + [squares(DARK)] * 3
    clip = make_clip(pictures, times_ms=[1001 * at for at in range(7)])
    timeline = analyze_video(clip, analyzer)
    assert timeline.tracks == (1,)
    events = timeline.events()
    assert [event.start_s for event in events] == pytest.approx([0.0, 4.004])
    assert [event.end_s for event in events] == pytest.approx([2.002, 6.006])


def test_a_dropped_second_ends_neither_track_nor_event(analyzer: Analyzer) -> None:
    times_ms = [time_ms for time_ms in times_of(29.97, 4.0) if not 1000 < time_ms < 2000]
    clip = make_clip([squares(BRIGHT)] * len(times_ms), times_ms=times_ms)
    timeline = analyze_video(clip, analyzer)
    assert timeline.tracks == (1,)
    assert len(timeline.events()) == 1


@lru_cache
def cut_clip() -> bytes:
    """Returns a second of one person with a bright face, then of another with a dark one."""
    first = person("happy", brightness=60)
    second = person("neutral", looks=1, where=1, brightness=-60)
    return make_clip([first] * 10 + [second] * 10)


@pytest.fixture
def people_analyzer() -> Analyzer:
    return square_analyzer(FixedDetector(BOX))


def test_the_first_person_colors_nothing_behind_a_cut(people_analyzer: Analyzer) -> None:
    timeline = analyze_video(cut_clip(), people_analyzer, VideoSettings(half_life_s=1.0))
    assert timeline.track.tolist() == [1] * 10 + [2] * 10
    assert [(event.track, event.label) for event in timeline.events()] == [
        (1, "neutral"),
        (2, "angry"),
    ]
    assert timeline.events()[1].start_s == pytest.approx(1.0)
    np.testing.assert_allclose(timeline.faces.probabilities[10:, 0], 0.9, atol=1e-3)


@pytest.mark.parametrize("stopped_after", [5, 10, 11, 15])
def test_a_stopped_run_finds_the_same_cut(people_analyzer: Analyzer, stopped_after: int) -> None:
    clip, analyzer = cut_clip(), people_analyzer
    whole = analyze_video(clip, analyzer)
    seen = MemoryCheckpoint()
    left = iter([False] * (stopped_after - 1) + [True])
    analyze_video(clip, analyzer, checkpoint=seen, should_stop=left.__next__)
    resumed = analyze_video(clip, analyzer, checkpoint=seen)
    assert resumed.to_json() == whole.to_json()


def test_a_checkpoint_holds_no_picture_of_a_face(people_analyzer: Analyzer) -> None:
    seen = MemoryCheckpoint()
    analyze_video(cut_clip(), people_analyzer, checkpoint=seen)
    observation = next(seen.known(people_analyzer.classifier))
    assert observation.faces.crops == ()
    line = observation.to_json()
    assert sorted(json.loads(line)) == [
        "index",
        "landmarks",
        "outputs",
        "score",
        "timestamp_s",
        "xyxy",
    ]
