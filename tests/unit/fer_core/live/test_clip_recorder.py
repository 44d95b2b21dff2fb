from __future__ import annotations

import io
from unittest.mock import Mock

import av
import numpy as np
import pytest

from fer_core.live import clip_recorder as live_clip
from fer_core.live.clip_recorder import Clip, ClipRecorder


def record(recorder: ClipRecorder, frames: int, *, width: int = 64, height: int = 48) -> None:
    """Frames of increasing brightness, ten per second, at uneven intervals."""
    for index in range(frames):
        image = np.full((height, width, 3), 10 * index % 250, np.uint8)
        recorder.add(image, 7 + index / 10 + 0.03 * (index % 2))


def decoded(clip: Clip) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(clip.data), "r") as container:
        return list(container.decode(video=0))


def test_nothing_is_recorded_before_the_start() -> None:
    recorder = ClipRecorder()
    record(recorder, 3)
    recorder.stop()
    assert recorder.clip is None


def test_the_file_shows_the_frames_at_their_times() -> None:
    recorder = ClipRecorder()
    recorder.start()
    record(recorder, 20)
    assert recorder.is_recording
    recorder.stop()
    clip = recorder.clip
    assert clip is not None
    assert clip.seconds == pytest.approx(1.93)
    frames = decoded(clip)
    assert len(frames) == 20
    times = np.array([frame.time for frame in frames]) - (frames[0].time or 0)
    np.testing.assert_allclose(times[:4], [0, 0.13, 0.2, 0.33], atol=0.002)
    assert abs(float(frames[12].to_ndarray(format="gray").mean()) - 120) < 6


def test_odd_sides_and_frames_of_another_size_are_taken() -> None:
    recorder = ClipRecorder()
    recorder.start()
    recorder.add(np.zeros((49, 65, 3), np.uint8), 0.0)
    recorder.add(np.zeros((480, 640, 3), np.uint8), 0.1)
    recorder.stop()
    assert recorder.clip is not None
    assert {(frame.width, frame.height) for frame in decoded(recorder.clip)} == {(64, 48)}


@pytest.mark.parametrize("in_seconds", [True, False])
def test_it_ends_by_itself_at_its_limit_with_a_file_that_plays(in_seconds: bool) -> None:
    recorder = ClipRecorder(max_seconds=1.0) if in_seconds else ClipRecorder(max_bytes=20_000)
    recorder.start()
    noise = np.random.default_rng(0)
    for index in range(60):
        recorder.add(noise.integers(0, 255, (96, 96, 3)).astype(np.uint8), index / 10)
    assert not recorder.is_recording
    clip = recorder.clip
    assert clip is not None
    assert clip.is_full
    assert 1 <= len(decoded(clip)) < 60
    assert len(clip.data) < 60_000 or clip.seconds <= 1.2


def test_a_released_recording_is_gone() -> None:
    recorder = ClipRecorder()
    recorder.start()
    record(recorder, 3)
    recorder.discard()
    assert recorder.clip is None
    assert not recorder.is_recording


def test_a_file_that_cannot_be_closed_spoils_no_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = ClipRecorder()
    recorder.start()
    record(recorder, 3)
    with monkeypatch.context() as patch:
        patch.setattr(live_clip._Writer, "close", Mock(side_effect=OSError("full")))
        with pytest.raises(OSError, match="full"):
            recorder.stop()
    recorder.start()
    record(recorder, 3)
    recorder.stop()
    assert recorder.clip is not None
    assert len(decoded(recorder.clip)) == 3
