"""Broken and hostile clips, the same for the same seed; see `tests.hostile_images`."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache, partial

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from tests.hostile_images import HostileFile, cut, png_with_profile, replaced, with_scans

_BOXES = re.compile(
    rb"moov|mvhd|trak|tkhd|mdia|mdhd|minf|stbl|stsd|stts|ctts|stsc|stsz|stco|mdat|elst|mp4v|avc1"
)
_NUMBERS = (0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1)


def hostile_videos(seed: int = 0, *, random_per_file: int = 60) -> list[HostileFile]:
    """Returns all inputs in a fixed order."""
    return [
        HostileFile(f"video {name}", build, is_video=True)
        for name, build in (*_crafted(), *_structural(), *_random(seed, random_per_file))
    ]


@cache
def sound_clips() -> dict[str, bytes]:
    """A second of a small moving picture in several containers."""
    return {
        "mp4": _clip("mp4", "mpeg4"),
        "mov": _clip("mov", "mjpeg"),
        "avi": _clip("avi", "mpeg4"),
        "mkv": _clip("matroska", "ffv1"),
        "webm": _clip("webm", "libvpx"),
    }


def _clip(container: str, codec: str, frames: int = 20) -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as output:
        video = output.add_stream(codec, rate=20)
        assert isinstance(video, VideoStream)
        video.width, video.height = 64, 48
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for index in range(frames):
            picture = np.full((48, 64, 3), index * 10, np.uint8)
            output.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(video.encode(None))
    return stream.getvalue()


def clip_of_jpegs(container: str, jpegs: Sequence[bytes], side: int = 64) -> bytes:
    """A clip of 10 frames per second, each with the given bytes of a JPEG."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as output:
        video = output.add_stream("mjpeg", rate=10)
        assert isinstance(video, VideoStream)
        video.width = video.height = side
        video.pix_fmt = "yuvj420p"
        for index, jpeg in enumerate(jpegs):
            packet = av.Packet(jpeg)
            packet.stream, packet.time_base, packet.is_keyframe = video, Fraction(1, 10), True
            packet.pts = packet.dts = index
            output.mux(packet)
    return stream.getvalue()


def clip_of_pngs(pngs: Sequence[bytes]) -> bytes:
    """The same in MOV, with PNGs."""
    data = clip_of_jpegs("mov", pngs)
    return replaced(data, data.rindex(b"jpeg", 0, data.rindex(b"stts")), b"png ")


def clip_of_tiles(jpeg: bytes, side: int) -> bytes:
    """A clip of TDSC in AVI: each frame is compressed and has a square JPEG as its only tile."""
    frame = b"TDSF" + struct.pack("<III", 1, 0, 0x30)
    frame += struct.pack("<IiiHH", 40, side, -side, 1, 24) + bytes(24)
    frame += b"TDSB" + struct.pack("<I", len(jpeg)) + b"GEPJ" + bytes(4)
    frame += struct.pack("<4I", 0, 0, side, side) + jpeg
    return clip_of_jpegs("avi", [zlib.compress(frame)], side).replace(b"MJPG", b"TDSC")


def jpeg_of_headers(headers: int) -> bytes:
    """A JPEG with many size headers."""
    data = with_scans(2000, 2000, 1)
    at = data.index(b"\xff\xc2")
    header = data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]
    return data[:at] + header * (headers - 1) + data[at:]


def _endless_scans(container: str) -> bytes:
    return clip_of_jpegs(container, [with_scans(3000, 3000, 20_000)])


@cache
def _sound_only() -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as output:
        audio = output.add_stream("aac", rate=8000)
        assert isinstance(audio, AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate, frame.time_base, frame.pts = 8000, Fraction(1, 8000), 0
        output.mux(audio.encode(frame))
        output.mux(audio.encode(None))
    return stream.getvalue()


def _crafted() -> Iterator[tuple[str, Callable[[], bytes]]]:
    mp4 = sound_clips()["mp4"]
    moov = mp4.index(b"moov") - 4
    yield "without its index", partial(cut, mp4, moov)
    yield "cut in its index", partial(cut, mp4, moov + 200)
    yield "with an index alone", partial(lambda: mp4[: mp4.index(b"mdat") - 4] + mp4[moov:])
    yield "without a picture track", partial(_sound_only)
    yield "without frames", partial(_clip, "mp4", "mpeg4", 0)
    yield "that is a playlist", partial(bytes, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n")
    yield "that joins other files", partial(bytes, b"ffconcat version 1.0\nfile /etc/hostname\n")
    yield (
        "that is a manifest",
        partial(bytes, b"<?xml version='1.0'?><MPD><BaseURL>/</BaseURL></MPD>"),
    )
    yield "of zeros", partial(bytes, 10**6)
    for container in ("avi", "mov", "matroska"):
        yield f"{container}: JPEG of endless scans", partial(_endless_scans, container)
    yield (
        "avi: JPEGs of endless scans behind an end marker",
        lambda: clip_of_jpegs("avi", [b"\xff\xd8\xff\xd9" + with_scans(3000, 3000, 20_000)] * 9),
    )
    yield "avi: JPEG of endless headers", lambda: clip_of_jpegs("avi", [jpeg_of_headers(500_000)])
    yield (
        "avi: tiles of endless scans",
        lambda: clip_of_tiles(with_scans(3000, 3000, 20_000, "RGB"), 3000),
    )
    yield "mov: PNG with a bomb as profile", lambda: clip_of_pngs([png_with_profile(2**30)])


def _structural() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for kind in ("mp4", "mov"):
        data = sound_clips()[kind]
        for box in _BOXES.finditer(data):
            at, name = box.start(), box.group().decode()
            yield f"{kind}: cut at {name} {at}", partial(cut, data, at)
            yield f"{kind}: without {name} {at}", partial(replaced, data, at, b"free")
            for field in range(-4, 44, 4):
                for number in _NUMBERS if field >= 4 or field == -4 else ():
                    value = struct.pack(">I", number)
                    what = f"{kind}: {number} at {name} {at}{field:+}"
                    yield what, partial(replaced, data, at + field, value)
    for kind, data in sound_clips().items():
        for at in range(0, 400, 8):
            for value in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
                yield f"{kind}: {value.hex()} at {at}", partial(replaced, data, at, value)
        for part in range(1, 16):
            yield f"{kind}: the first {part}/16", partial(cut, data, len(data) * part // 16)


def _random(seed: int, per_file: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for number, kind in enumerate(sound_clips()):
        for index in range(per_file):
            yield f"{kind}: random damage {index}", partial(_damaged, kind, (seed, number, index))


def _damaged(kind: str, seed: tuple[int, ...]) -> bytes:
    rng = np.random.default_rng(seed)
    data = bytearray(sound_clips()[kind])
    for _ in range(rng.integers(1, 12)):
        at, length = int(rng.integers(len(data) or 1)), int(rng.integers(1, 20))
        match rng.integers(3):
            case 0:
                data[at : at + length] = rng.bytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * int(rng.integers(1, 30))
    return bytes(data)
