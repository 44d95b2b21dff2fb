"""Small clips made from the bundled average faces, valid and broken ones."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests.scenes import PlacedFace, sample_scene

MILLISECONDS = Fraction(1, 1000)
SAMPLE_RATE = 16_000


def scene(*labels: str, width: int = 320, height: int = 240) -> NDArray[np.uint8]:
    """Returns a picture with average faces side by side."""
    centers = [(width * (number + 0.5) / len(labels), height / 2) for number in range(len(labels))]
    side = min(180, width // max(1, len(labels)))
    faces = [PlacedFace(label, at, side) for label, at in zip(labels, centers, strict=True)]
    return sample_scene(faces, width=width, height=height)


def make_clip(
    pictures: Sequence[NDArray[np.uint8]],
    *,
    times_ms: Sequence[int] | None = None,
    sound: str | None = None,
    container: str = "mp4",
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
) -> bytes:
    """Encodes pictures as a clip.

    Args:
        pictures: RGB, all of the same size.
        times_ms: when each is shown; by default ten per second.
        sound: codec of a sound track, a tone as long as the clip; None for none.
        container: FFmpeg's name of the container.
        codec: codec of the video.
        options: options of the container.
        pixel_aspect: the declared pixel aspect ratio, width by height.
    """
    times = list(times_ms or range(0, 100 * len(pictures), 100))
    # A named file, because FFmpeg reads its output again to move the index to the front.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip"
        _encode(path, pictures, times, sound, container, codec, options or {}, pixel_aspect)
        return path.read_bytes()


def _encode(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    times: Sequence[int],
    sound: str | None,
    container: str,
    codec: str,
    options: dict[str, str],
    pixel_aspect: Fraction | None,
) -> None:
    with av.open(path, "w", format=container, options=options) as target:
        stream = target.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = MILLISECONDS
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        audio = None if sound is None else target.add_stream(sound, rate=SAMPLE_RATE)
        for picture, time_ms in zip(pictures, times, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time_ms, MILLISECONDS
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        if audio is not None:
            assert isinstance(audio, AudioStream)
            target.mux(audio.encode(_tone(times[-1] / 1000 + 0.1)))
            target.mux(audio.encode(None))


def sound_alone() -> bytes:
    """Returns a clip of some format, without any picture."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as target:
        audio = target.add_stream("aac", rate=SAMPLE_RATE)
        assert isinstance(audio, AudioStream)
        target.mux(audio.encode(_tone(1.0)))
        target.mux(audio.encode(None))
    return file.getvalue()


def turned(clip: bytes, quarter_turns: int) -> bytes:
    """Sets the rotation of an MP4 file (clockwise), as phones do."""
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter_turns % 4]
    return with_matrix(clip, cosine, sine, -sine, cosine)


def with_matrix(clip: bytes, a: float, b: float, c: float, d: float) -> bytes:
    """Sets the display matrix of an MP4 file: (x, y) is shown at (a x + c y, b x + d y)."""
    matrix = np.array([a, b, 0, c, d, 0, 0, 0, 0x4000]) * 0x10000
    at = clip.index(b"tkhd") + 4 + 40
    return clip[:at] + matrix.astype(">i4").tobytes() + clip[at + 36 :]


def moved(clip: bytes, seconds: float, *, container: str, after_s: float | None = None) -> bytes:
    """Copies a clip's packets into a container; packets after a time are shifted."""
    file = io.BytesIO()
    options = {"avoid_negative_ts": "disabled"}
    with (
        av.open(io.BytesIO(clip), "r") as source,
        av.open(file, "w", format=container, options=options) as target,
    ):
        streams = {each: target.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if not packet.size:
                continue
            assert packet.pts is not None
            assert packet.dts is not None
            assert packet.time_base is not None
            if after_s is None or float(packet.dts * packet.time_base) > after_s:
                ticks = round(seconds / packet.time_base)
                packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
            packet.stream = streams[packet.stream]
            target.mux(packet)
    return file.getvalue()


def packets(clip: bytes, kind: str) -> list[bytes]:
    """Returns the stored packets of the first track of a type."""
    with av.open(io.BytesIO(clip), "r") as container:
        return [bytes(packet) for packet in container.demux(**{kind: 0}) if packet.size]


def _tone(seconds: float) -> av.AudioFrame:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = (0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    frame.pts, frame.time_base = 0, Fraction(1, SAMPLE_RATE)
    return frame
