"""Frames that would keep FFmpeg busy, or fill the memory, are counted as unreadable."""

from __future__ import annotations

import gc
import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from fer_core.errors import InputRejected
from fer_core.video.reader import FrameCounts, VideoReader
from tests.hostile_images import png_with_profile, saved, with_scans
from tests.hostile_videos import clip_of_jpegs, clip_of_pngs, clip_of_tiles, jpeg_of_headers

SCANS = with_scans(1000, 1000, 1300)
"""More than a photo may have; FFmpeg would read them, slowly."""
PLAIN = with_scans(64, 64, 10)


def counts(clip: bytes) -> FrameCounts:
    with VideoReader(clip) as reader:
        for frame in reader.frames():
            frame.image()
        return reader.counts()


@pytest.mark.parametrize("container", ["avi", "mov", "matroska"])
def test_a_jpeg_frame_has_no_more_scans_than_a_photo(container: str) -> None:
    clip = clip_of_jpegs(container, [PLAIN, SCANS, PLAIN])
    assert counts(clip) == FrameCounts(decoded=2, dropped=1)
    with pytest.raises(InputRejected) as refused:
        counts(clip_of_jpegs(container, [SCANS]))
    assert refused.value.reason == "no_frames"


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\xff\xd8\xff\xd9" + SCANS, id="behind an end marker"),
        pytest.param(SCANS[:2] + b"\xff\xfe\xff\xff" + SCANS[2:], id="behind a false length"),
        pytest.param(jpeg_of_headers(1000), id="headers"),
    ],
)
def test_no_scan_or_header_of_a_frame_is_overlooked(frame: bytes) -> None:
    assert counts(clip_of_jpegs("avi", [PLAIN, frame])) == FrameCounts(decoded=1, dropped=1)


@pytest.mark.parametrize("codec", ["tdsc", "tiff"])
def test_a_codec_that_hides_jpegs_is_not_supported(codec: str) -> None:
    clip = clip_of_tiles(with_scans(64, 64, 10, "RGB"), 64)
    if codec == "tiff":
        clip = clip_of_jpegs("mov", [PLAIN])
        at = clip.rindex(b"jpeg", 0, clip.rindex(b"stts"))
        clip = clip[:at] + b"tiff" + clip[at + 4 :]
    with pytest.raises(InputRejected, match=f"codec {codec} are not supported") as refused:
        counts(clip)
    assert refused.value.reason == "unsupported_type"


def test_the_frame_determines_its_size_not_the_container() -> None:
    few_large = with_scans(6000, 6000, 40)  # 1.4 billion pixels are visited
    assert counts(clip_of_jpegs("mov", [PLAIN, few_large])) == FrameCounts(decoded=1, dropped=1)


def test_usual_frames_are_read() -> None:
    image = Image.effect_noise((64, 64), 60).convert("RGB")
    frames = [
        saved(image, "JPEG", quality=100),
        saved(image, "JPEG", progressive=True),
        saved(image.convert("L"), "JPEG"),
    ]
    assert counts(clip_of_jpegs("avi", frames)) == FrameCounts(decoded=3, dropped=0)


def test_frames_with_a_color_profile_are_read() -> None:
    image = Image.effect_noise((64, 64), 60).convert("RGB")
    profile = bytes(10**5)
    jpegs, pngs = [[saved(image, form, icc_profile=profile)] * 2 for form in ("JPEG", "PNG")]
    for clip in (clip_of_jpegs("avi", jpegs), clip_of_pngs(pngs)):
        for _ in range(2):
            assert counts(clip) == FrameCounts(decoded=2, dropped=0)
            gc.collect()  # would crash the process if a profile were freed twice


def test_a_profile_does_not_unpack_into_all_memory() -> None:
    clip = clip_of_pngs([png_with_profile(2**10), png_with_profile(2**25)])
    assert counts(clip) == FrameCounts(decoded=1, dropped=1)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_frame_with_exif_is_turned_upright(orientation: int) -> None:
    corners = np.zeros((48, 64, 3), np.uint8)
    corners[:24, :32], corners[:24, 32:], corners[24:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    jpeg = saved(Image.fromarray(corners), "JPEG", exif=exif, quality=95)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(jpeg))))
    with VideoReader(clip_of_jpegs("mov", [jpeg])) as reader:
        shown = next(iter(reader.frames())).image()
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < 10
