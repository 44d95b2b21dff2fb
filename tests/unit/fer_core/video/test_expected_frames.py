"""Missing frames are counted; packets without a frame are not."""

from __future__ import annotations

import pytest

from fer_core.video.reader import FrameCounts, VideoReader
from tests.clips import make_clip, packets, scene

PICTURES = [scene("happy"), scene("sad")] * 10
WITH_GAP_MS = [*range(0, 1000, 100), *range(3000, 4000, 100)]


def counted(clip: bytes) -> FrameCounts:
    with VideoReader(clip) as reader:
        assert len(list(reader.frames())) == reader.counts().decoded
        return reader.counts()


@pytest.mark.parametrize(
    ("container", "codec"),
    [("avi", "mpeg4"), ("mp4", "mpeg4"), ("matroska", "libx264"), ("mpegts", "libx264")],
)
def test_a_gap_is_no_loss(container: str, codec: str) -> None:
    clip = make_clip(PICTURES, times_ms=WITH_GAP_MS, container=container, codec=codec)
    assert counted(clip) == FrameCounts(decoded=20, dropped=0)


def test_an_empty_packet_is_no_loss() -> None:
    clip = bytearray(make_clip(PICTURES, codec="mpeg4"))
    sizes = clip.index(b"stsz") + 16
    clip[sizes + 4 * 19 : sizes + 4 * 20] = bytes(4)
    assert counted(bytes(clip)) == FrameCounts(decoded=19, dropped=0)


def test_an_avi_that_is_cut_off_misses_its_end() -> None:
    clip = make_clip(PICTURES, container="avi", codec="mpeg4")
    counts = counted(clip[: len(clip) // 2])
    assert 0 < counts.decoded < 20
    # The positions of this AVI are milliseconds: each frame is followed by 99 empty ones.
    assert counts.dropped > 0


def test_a_damaged_frame_of_an_avi_is_a_loss() -> None:
    clip = bytearray(make_clip(PICTURES, times_ms=WITH_GAP_MS, container="avi", codec="mpeg4"))
    (last,) = packets(bytes(clip), "video")[-1:]
    at = clip.rindex(last)
    clip[at : at + len(last)] = b"\xff" * len(last)
    assert counted(bytes(clip)) == FrameCounts(decoded=19, dropped=1)
