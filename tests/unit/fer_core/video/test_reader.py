"""Every readable frame, upright and at its time; or a plain error message."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.errors import InputRejected
from fer_core.video.reader import VideoReader
from tests.clips import make_clip, scene, sound_alone, turned

PICTURES = [scene("happy"), scene("sad")] * 10
IN_FRONT = {"movflags": "+faststart"}


def times_of(clip: bytes) -> list[float]:
    with VideoReader(clip) as reader:
        return [frame.timestamp_s for frame in reader.frames()]


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("matroska", "libx264"), ("mpegts", "libx264"), ("webm", "libvpx")],
)
def test_all_frames_are_read_in_order(container: str, codec: str) -> None:
    clip = make_clip(PICTURES, container=container, codec=codec)
    with VideoReader(clip) as reader:
        frames = [(frame.index, frame.timestamp_s) for frame in reader.frames()]
        counts = reader.counts()
    assert [index for index, _ in frames] == list(range(20))
    np.testing.assert_allclose([time_s for _, time_s in frames], np.arange(20) / 10, atol=1e-3)
    assert (counts.total, counts.decoded, counts.dropped) == (20, 20, 0)


def test_facts_are_those_of_the_clip() -> None:
    with VideoReader(make_clip(PICTURES, sound="aac")) as reader:
        facts = reader.facts
    assert (facts.width, facts.height, facts.codec, facts.has_audio) == (320, 240, "h264", True)
    assert facts.duration_s == pytest.approx(2.0, abs=0.15)


def test_pictures_are_the_same_but_for_the_loss_of_the_codec() -> None:
    with VideoReader(make_clip(PICTURES)) as reader:
        for frame, picture in zip(reader.frames(), PICTURES, strict=True):
            assert np.abs(frame.image().astype(int) - picture).mean() < 3


def test_a_variable_frame_rate_keeps_every_time() -> None:
    times_ms = [0, 33, 40, 500, 517, 1900, 1901, 4000]
    clip = make_clip(PICTURES[:8], times_ms=times_ms)
    np.testing.assert_allclose(times_of(clip), np.array(times_ms) / 1000, atol=1e-9)


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_a_phone_video_is_read_upright(quarter_turns: int) -> None:
    lying = np.ascontiguousarray(np.rot90(scene("happy"), quarter_turns))
    with VideoReader(turned(make_clip([lying] * 3), quarter_turns)) as reader:
        image = next(reader.frames()).image()
        assert (reader.facts.width, reader.facts.height) == (320, 240)
    assert image.shape == (240, 320, 3)
    assert np.abs(image.astype(int) - scene("happy")).mean() < 3


def test_a_truncated_clip_is_read_to_its_end() -> None:
    clip = make_clip(PICTURES * 3, options=IN_FRONT)
    with VideoReader(clip[: len(clip) * 2 // 3]) as reader:
        read = len(list(reader.frames()))
        counts = reader.counts()
    assert 10 < read < 60
    assert (counts.decoded, counts.total) == (read, 60)


@given(st.binary(min_size=1, max_size=60), st.floats(0, 1))
def test_a_damaged_clip_is_read_or_rejected(damage: bytes, place: float) -> None:
    clip = bytearray(make_clip(PICTURES[:6], options=IN_FRONT))
    at = round(place * (len(clip) - len(damage)))
    clip[at : at + len(damage)] = damage
    try:
        with VideoReader(bytes(clip), max_duration_s=60) as reader:
            times = [frame.timestamp_s for frame in reader.frames()]
            counts = reader.counts()
    except InputRejected:
        return
    assert counts.decoded == len(times)
    assert counts.dropped >= 0
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (b"", "empty", "empty"),
        (b"no clip at all" * 100, "corrupt", "not a readable video"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n", "corrupt", "not a readable video"),
        (sound_alone(), "no_video", "no video track"),
        (make_clip(PICTURES)[:-200], "corrupt", "the recording was interrupted"),
        (make_clip(PICTURES)[200:], "corrupt", "beginning is damaged"),
    ],
    ids=["empty", "text", "playlist", "sound", "no end", "no beginning"],
)
def test_what_is_no_clip_is_rejected_in_plain_words(data: bytes, reason: str, words: str) -> None:
    with pytest.raises(InputRejected, match=words) as error:
        VideoReader(data)
    assert error.value.reason == reason


def test_a_clip_without_frames_is_rejected() -> None:
    clip = make_clip(PICTURES, options=IN_FRONT)
    with pytest.raises(InputRejected, match="no readable frames") as error:
        VideoReader(clip[: clip.index(b"mdat") + 4])
    assert error.value.reason == "no_frames"


def test_a_clip_that_is_too_long_is_rejected() -> None:
    with pytest.raises(InputRejected, match=r"at most 0\.02 minutes") as error:
        VideoReader(make_clip(PICTURES), max_duration_s=1.2)
    assert error.value.reason == "too_long"


def test_a_clip_of_unknown_length_is_rejected_while_reading() -> None:
    clip = make_clip(PICTURES, container="matroska", options={"live": "1"})
    with VideoReader(clip, max_duration_s=1.2) as reader:
        assert reader.facts.duration_s is None
        with pytest.raises(InputRejected, match="too long"):
            list(reader.frames())


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.mp4", "no such file"), (tmp_path, "a folder")):
        with pytest.raises(InputRejected, match=words):
            VideoReader(path)


def test_frames_that_were_seen_are_not_kept_until_garbage_is_collected() -> None:
    """Each would keep its image."""
    gc.collect()
    gc.disable()
    try:
        with VideoReader(make_clip([scene("happy")] * 12)) as reader:
            for frame in reader.frames():
                frame.image()
        del frame, reader
        kept = [each for each in gc.get_objects() if isinstance(each, av.VideoFrame)]
    finally:
        gc.enable()
    assert len(kept) <= 1  # the first, whose side data is read, which keeps it


@pytest.mark.skipif(sys.platform != "linux", reason="the threads of FFmpeg are listed in /proc")
def test_frames_do_not_keep_threads() -> None:
    with VideoReader(make_clip([scene("happy")] * 5)) as reader:
        frames = list(reader.frames())
        threads = Path("/proc/self/task")
        before = len(list(threads.iterdir()))
        pictures = [frame.image() for frame in frames]
        assert len(list(threads.iterdir())) == before
    assert len(pictures) == 5


def test_a_decoder_has_no_more_threads_than_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    with VideoReader(make_clip([scene("happy")] * 2)) as reader:
        assert reader.video.codec_context.thread_count == 1
