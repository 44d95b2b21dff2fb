"""Writes a video with boxes, labels and bars drawn on every frame, and the original audio."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import IO, Final

import av
import av.error
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray

from fer_core.drawing import draw_faces
from fer_core.machine import codec_threads
from fer_core.video.analysis import OnProgress, ProgressClock
from fer_core.video.reader import VideoReader
from fer_core.video.timeline import VideoTimeline

HOLD_S: Final = 0.3
"""How long a face that is missed, or on a frame that was not analyzed, stays drawn."""

_COPIED_CODECS: Final = ("aac", "ac3", "alac", "eac3", "flac", "mp3", "mp3float", "opus")
"""Audio that MP4 can hold unchanged; other audio is re-encoded."""

_CODEC: Final = "h264"
_CODEC_OPTIONS: Final = {"preset": "veryfast", "crf": "23"}
_USUAL_RATE: Final = 30
_USUAL_TIME_BASE: Final = Fraction(1, 90_000)
_ROUNDING_S: Final = 1e-6
_SHORTEST_PACKET_S: Final = Fraction(1, 1000)


def annotate_video(
    source: Path | bytes,
    timeline: VideoTimeline,
    target: IO[bytes],
    *,
    progress: OnProgress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Draws a timeline onto its video and writes an upright MP4 (H.264).

    Frames keep their timestamps, and audio its packets where MP4 can hold them.

    Args:
        source: the video of the timeline.
        timeline: the results to draw.
        target: a file open for writing and seeking.
        progress: called after each frame.
        should_stop: called after each frame; the file of a stopped run is unusable.

    Returns:
        Whether it was completed.

    Raises:
        InputRejected: `source` is not a usable video.
    """
    with (
        VideoReader(source, with_audio=True) as reader,
        av.open(target, "w", format="mp4") as container,
    ):
        drawer = _Drawer(timeline)
        pictures = _Pictures(container, reader)
        sound = None if reader.audio is None else _sound(container, reader.audio)
        for frame in ProgressClock(reader.facts).ticking(reader.frames(), progress):
            pictures.write(drawer.draw(frame.image(), frame.timestamp_s), frame.timestamp_s)
            _pass_on(reader, sound)
            if should_stop():
                return False
        pictures.finish()
        _pass_on(reader, sound)
        if sound is not None:
            sound.finish()
    return True


class _Drawer:
    """Selects the faces to draw at any time."""

    def __init__(self, timeline: VideoTimeline) -> None:
        self._timeline = timeline
        self._timestamp_s = timeline.timestamp_s
        steps = np.diff(timeline.frame_timestamp_s)
        # Where only some frames were analyzed, faces stay until the next analyzed frame.
        self._hold_s = max(HOLD_S, 1.5 * float(np.median(steps))) if len(steps) else np.inf

    def draw(self, image: NDArray[np.uint8], timestamp_s: float) -> NDArray[np.uint8]:
        window = (timestamp_s - self._hold_s, timestamp_s + _ROUNDING_S)
        first, end = np.searchsorted(self._timestamp_s, window)
        latest = {int(self._timeline.track[row]): row for row in range(first, end)}
        rows = list(latest.values())
        faces = self._timeline.faces.take([row for row in rows if not self._is_replaced(row, rows)])
        return draw_faces(image, faces, threshold=self._timeline.threshold)

    def _is_replaced(self, row: int, rows: list[int]) -> bool:
        """Returns whether another face was found later at the same place, as after a cut."""
        xyxy, at = self._timeline.faces.xyxy, self._timeline.at
        x, y = xyxy[row].reshape(2, 2).mean(axis=0)
        return any(
            at[other] > at[row]
            and xyxy[other, 0] < x < xyxy[other, 2]
            and xyxy[other, 1] < y < xyxy[other, 3]
            for other in rows
        )


class _Pictures:
    """The output video track."""

    def __init__(self, container: OutputContainer, reader: VideoReader) -> None:
        self._container = container
        self._shape = (reader.facts.height, reader.facts.width, 3)
        rate = reader.rate or _USUAL_RATE
        self._stream = container.add_stream(_CODEC, rate=rate, options=_CODEC_OPTIONS)
        # The H.264 format that every browser plays needs even width and height.
        self._stream.width = max(2, reader.facts.width // 2 * 2)
        self._stream.height = max(2, reader.facts.height // 2 * 2)
        self._stream.pix_fmt = "yuv420p"
        self._time_base = reader.video.time_base or _USUAL_TIME_BASE
        self._stream.codec_context.time_base = self._time_base
        self._stream.codec_context.thread_count = codec_threads()
        self._last = -1

    def write(self, image: NDArray[np.uint8], timestamp_s: float) -> None:
        if image.shape != self._shape:
            image = _fitted(image, self._shape)
        even = image[: self._stream.height, : self._stream.width]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        # Some cameras write two frames with equal timestamps; these become consecutive.
        self._last = max(round(timestamp_s / self._time_base), self._last + 1)
        frame.pts, frame.time_base = self._last, self._time_base
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


def _fitted(image: NDArray[np.uint8], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Letterboxes an image: the size may change within a clip, but not in the output."""
    scale = min(shape[0] / image.shape[0], shape[1] / image.shape[1])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    top, left = (shape[0] - height) // 2, (shape[1] - width) // 2
    whole = np.zeros(shape, np.uint8)
    whole[top : top + height, left : left + width] = cv2.resize(image, (width, height))
    return whole


class _CopiedSound:
    """An audio track whose packets are copied unchanged."""

    def __init__(self, container: OutputContainer, source: AudioStream) -> None:
        self._container = container
        self._stream = container.add_stream_from_template(source)
        self._earliest: int | None = None

    def write(self, packet: av.Packet[AudioStream]) -> None:
        self._put_behind_the_last(packet)
        packet.stream = self._stream
        # A damaged packet becomes a moment of silence, not the end of the clip.
        with contextlib.suppress(av.error.FFmpegError):
            self._container.mux(packet)

    def _put_behind_the_last(self, packet: av.Packet[AudioStream]) -> None:
        # In joined recordings the audio may overlap, and MP4 allows no two packets at one time.
        if packet.dts is None or not packet.time_base:
            return
        if self._earliest is not None and packet.dts < self._earliest:
            packet.dts = self._earliest
            packet.pts = max(packet.pts or packet.dts, packet.dts)
        self._earliest = packet.dts + math.ceil(_SHORTEST_PACKET_S / packet.time_base)

    def finish(self) -> None:
        pass


class _EncodedSound:
    """An audio track that MP4 cannot hold unchanged; re-encoded as AAC."""

    def __init__(self, container: OutputContainer, source: AudioStream) -> None:
        self._container = container
        self._source = source
        self._stream = container.add_stream("aac", rate=source.codec_context.sample_rate)

    def write(self, packet: av.Packet[AudioStream]) -> None:
        # As above.
        with contextlib.suppress(av.error.FFmpegError):
            for frame in self._source.decode(packet):
                self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


def _sound(container: OutputContainer, source: AudioStream) -> _CopiedSound | _EncodedSound | None:
    codec = getattr(source.codec_context, "name", None)  # None for an unknown codec
    if codec is None:
        return None
    return (_CopiedSound if codec in _COPIED_CODECS else _EncodedSound)(container, source)


def _pass_on(reader: VideoReader, sound: _CopiedSound | _EncodedSound | None) -> None:
    for packet in reader.audio_packets():
        if sound is not None:
            sound.write(packet)
