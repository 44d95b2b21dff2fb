"""The times of a clip never run backward, whatever the clocks of its parts."""

from __future__ import annotations

import io
import json

import av
import numpy as np
import pytest

from fer_core.recognition.analyzer import Analyzer
from fer_core.video import analyze_video, annotate_video
from fer_core.video.reader import VideoReader
from tests.clips import make_clip, moved, packets
from tests.squares import DARK, squares

PART = [squares(DARK)] * 6


def read(clip: bytes, *, with_audio: bool = False) -> tuple[list[float], float | None, int]:
    """Returns the times, the length of the clip, and the number of notices."""
    with VideoReader(clip, with_audio=with_audio, max_duration_s=600) as reader:
        times = [frame.timestamp_s for frame in reader.frames()]
        assert reader.counts().dropped == 0
        return times, reader.facts.duration_s, len(reader.notices())


def recording(begins_s: float, *, sound: str | None = None) -> bytes:
    """Returns a transport stream whose clock begins at that time."""
    return moved(make_clip(PART, sound=sound), begins_s, container="mpegts")


@pytest.mark.parametrize(
    "begin_s",
    [(3600, 0), (0, 3600), (0, 0), (30, 0), (0, 30), (95_440, 50, 3600), (0, 0, 0)],
    ids=str,
)
def test_joined_recordings_have_continuous_times(begin_s: tuple[float, ...]) -> None:
    times, duration_s, notices = read(b"".join(recording(each) for each in begin_s))
    np.testing.assert_allclose(times, np.arange(6 * len(begin_s)) / 10, atol=1e-3)
    assert duration_s == pytest.approx(0.6 * len(begin_s), abs=0.01)
    assert notices == 1


def test_audio_and_video_stay_in_sync_where_recordings_are_joined(analyzer: Analyzer) -> None:
    clip = recording(3600, sound="aac") + recording(5, sound="aac")
    times, *_ = read(clip)
    assert times == read(clip, with_audio=True)[0]
    steps = np.diff(times)
    assert steps.min() > 0.09
    assert steps.max() < 0.25  # the sound of the first part ends a little later than its pictures
    file = io.BytesIO()
    assert annotate_video(clip, analyze_video(clip, analyzer), file)
    assert len(packets(file.getvalue(), "audio")) == len(packets(clip, "audio"))
    with av.open(io.BytesIO(file.getvalue()), "r") as container:
        ends = [
            float((stream.duration or 0) * (stream.time_base or 0)) for stream in container.streams
        ]
    assert ends == pytest.approx([times[-1] + 0.1] * 2, abs=0.15)


def test_a_clock_that_passes_its_largest_number_does_not_jump() -> None:
    # It has 33 bits and 90,000 ticks per second.
    times, duration_s, notices = read(recording(2**33 / 90_000 - 0.3))
    np.testing.assert_allclose(times, np.arange(6) / 10, atol=1e-3)
    assert duration_s == pytest.approx(0.6, abs=0.01)
    assert notices == 0


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_a_jump_of_hours_is_not_a_gap_but_one_of_a_minute_is(container: str) -> None:
    clip = make_clip(PART, codec="mpeg4")  # whose frames are stored in presentation order
    leap = moved(clip, 9000, container=container, after_s=0.15)
    times, duration_s, notices = read(leap)
    np.testing.assert_allclose(np.diff(times), 0.1, atol=0.01)
    assert duration_s == pytest.approx(0.6, abs=0.02)
    assert notices == 1
    gap = moved(clip, 60, container=container, after_s=0.15)
    times, duration_s, notices = read(gap)
    assert sorted(np.round(np.diff(times), 2)) == [0.1, 0.1, 0.1, 0.1, 60.1]
    assert duration_s == pytest.approx(60.6, abs=0.02)
    assert notices == 0


def test_a_clip_that_begins_before_zero_begins_at_zero() -> None:
    times, _, notices = read(moved(make_clip(PART, codec="mpeg4"), -5, container="matroska"))
    np.testing.assert_allclose(times, np.arange(6) / 10, atol=1e-3)
    assert notices == 0


def test_frames_of_one_time_keep_it() -> None:
    clip = make_clip(PART, times_ms=[0, 100, 101, 102, 500, 600], codec="libvpx", container="webm")
    at = clip.index(b"\xa3", clip.index(b"\x1f\x43\xb6\x75"))  # the blocks of the cluster
    moment, earlier = b"\x81\x00\x66", b"\x81\x00\x65"  # track 1, 102 and 101 ms
    assert clip.count(moment, at) == 1
    times, _, notices = read(clip[:at] + clip[at:].replace(moment, earlier))
    np.testing.assert_allclose(times, [0, 0.1, 0.101, 0.101, 0.5, 0.6], atol=1e-6)
    assert notices == 0


def test_frames_without_a_time_follow_one_another() -> None:
    # A stream of MPEG-4 pictures in AVI has no presentation times, only its frame rate.
    clip = make_clip(PART, container="avi", codec="mpeg4")
    np.testing.assert_allclose(read(clip)[0], np.arange(6) / 10, atol=1e-3)


def test_a_jump_is_reported_in_the_notices(analyzer: Analyzer) -> None:
    timeline = analyze_video(recording(3600) + recording(0), analyzer)
    (notice,) = timeline.notices
    assert "timestamps jump once, at 0.6 s" in notice
    assert json.loads(timeline.to_json())["notices"] == [notice]
    assert timeline.events()[0].end_s == pytest.approx(1.1)
    assert analyze_video(recording(3600), analyzer).notices == ()
