"""The list of supported formats, and its users."""

from __future__ import annotations

import io
import re
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from fer_core.files.file_kinds import (
    AVIF,
    BMP,
    GIF,
    HEIC,
    JPEG,
    JPEG_XL,
    MOV,
    MP4,
    PHOTO_KINDS,
    PNG,
    RAW,
    REFUSED_KINDS,
    TIFF,
    TS,
    VIDEO_KINDS,
    WEBP,
    FileKind,
    kind_of_suffix,
    listed,
    readable_photos,
    sniff,
    upload_types,
)
from tests.hostile_images import sound_files

KIND_OF: dict[str, FileKind] = {
    "png": PNG,
    "jpeg": JPEG,
    "gif": GIF,
    "webp": WEBP,
    "bmp": BMP,
    "tiff": TIFF,
    "avif": AVIF,
    "heic": HEIC,
}


def test_the_first_bytes_of_every_readable_file_tell_its_kind() -> None:
    for name, data in sound_files().items():
        assert sniff(data[:512]) == KIND_OF[name.partition("_")[0]], name


def ftyp(*brands: str) -> bytes:
    packed = "".join(brands[:1]).encode() + bytes(4) + "".join(brands[1:]).encode()
    return (8 + len(packed)).to_bytes(4, "big") + b"ftyp" + packed + bytes(40)


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        (("avif", "mif1", "miaf"), AVIF),
        (("avis", "msf1"), AVIF),
        (("mif1", "avif", "miaf"), AVIF),
        (("heic", "mif1", "heic"), HEIC),
        (("mif1", "heic", "miaf"), HEIC),
        (("hevc", "msf1"), HEIC),
        (("mif1",), HEIC),
        (("isom", "mp42"), MP4),
        (("3gp4", "isom"), MP4),
        (("qt  ",), MOV),
        (("crx ", "isom"), RAW),
        (("jxl ", "jxl "), JPEG_XL),
    ],
)
def test_the_brands_tell_pictures_from_videos(brands: tuple[str, ...], kind: FileKind) -> None:
    assert sniff(ftyp(*brands)) == kind


@pytest.mark.parametrize(
    "data", [b"", b"B", b"BM means BitMap, says this text", b"Go " * 300, b"#"]
)
def test_a_text_is_of_no_kind(data: bytes) -> None:
    assert sniff(data) is None


@pytest.mark.parametrize("container", ["mp4", "mov", "webm", "matroska", "avi", "mpegts", "flv"])
def test_videos_are_recognized_by_their_first_bytes(container: str) -> None:
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as output:
        codec = {"webm": "libvpx", "flv": "flv"}.get(container, "mpeg4")
        video = output.add_stream(codec, rate=10)
        assert isinstance(video, VideoStream)
        video.width = video.height = 32
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for packet in (*video.encode(frame), *video.encode(None)):
            output.mux(packet)
    kind = sniff(stream.getvalue()[:512])
    assert kind is not None
    assert kind.use == "video"


def test_packets_of_a_camera_are_a_video() -> None:
    assert sniff((b"\0\0\0\0G" + bytes(187)) * 4) == TS


def test_every_suffix_is_of_one_kind() -> None:
    for kinds in (PHOTO_KINDS, VIDEO_KINDS, REFUSED_KINDS):
        for kind in kinds:
            for suffix in kind.suffixes:
                assert kind_of_suffix(suffix.upper()) == kind


@pytest.mark.parametrize(
    "suffix", ["jpg", "jfif", "jpe", "jif", "pjpeg", "mpo", "dib", "apng", "tif", "tiff", "avif"]
)
def test_browsers_offer_every_readable_photo(suffix: str) -> None:
    assert suffix in upload_types(readable_photos())


@pytest.mark.parametrize("suffix", ["mp4", "ogv", "3gp", "mts", "m2ts", "qt", "mkv"])
def test_browsers_offer_every_readable_video(suffix: str) -> None:
    assert suffix in upload_types(VIDEO_KINDS)


def test_heic_is_offered_where_it_can_be_read() -> None:
    assert ("heic" in upload_types(readable_photos())) == HEIC.is_readable
    assert ("HEIC" in listed(readable_photos())) == HEIC.is_readable


def test_kinds_are_listed_as_a_sentence_wants_them() -> None:
    assert listed([PNG]) == "PNG"
    assert listed([PNG, GIF, BMP]) == "PNG, GIF or BMP"


def test_the_readme_names_all_that_is_read() -> None:
    readme = (Path(__file__).resolve().parents[4] / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (photos|videos) \| (.*) \|$", readme, re.MULTILINE))
    assert all(kind.name in rows["photos"] for kind in PHOTO_KINDS)
    assert all(kind.name in rows["videos"] for kind in VIDEO_KINDS)
