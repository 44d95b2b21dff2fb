"""Reads an untrusted video frame by frame as players show it, or rejects it with a reason."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.video.clock import ClipClock, is_duration_doubtful, measured_duration_s, move
from fer_core.video.display import (
    MAX_PIXEL_ASPECT,
    Orientation,
    Orientations,
    PixelAspects,
    shown_width,
)
from fer_core.video.expected_frames import ExpectedFrames
from fer_core.video.frame_limits import check_frame
from fer_core.video.opening import (
    check_size,
    open_container,
    open_file,
    sound_streams,
    video_stream,
)


@dataclass(frozen=True)
class ClipFacts:
    """The metadata of a clip.

    Attributes:
        width: of the upright frame in square pixels.
        height: of the upright frame in square pixels.
        duration_s: its length; None if unknown.
        fps: mean frames per second; None if unknown.
        codec: name of the video codec.
        has_audio: whether there is an audio track.
    """

    width: int
    height: int
    duration_s: float | None
    fps: float | None
    codec: str
    has_audio: bool


@dataclass(frozen=True)
class FrameCounts:
    """The number of decoded and lost frames of a clip.

    Attributes:
        decoded: frames that were decoded.
        dropped: expected frames that could not be decoded: damaged, or beyond the end of a
            truncated file.
    """

    decoded: int
    dropped: int

    @property
    def total(self) -> int:
        """All frames."""
        return self.decoded + self.dropped


@dataclass(frozen=True, eq=False)
class ClipFrame:
    """One frame.

    Attributes:
        index: its index among the decoded frames, from 0.
        timestamp_s: presentation time from the start of the clip; never earlier than the previous
            one.
        frame: as decoded, not rotated upright.
        pixel_aspect: pixel aspect ratio, width / height.
        orientation: its orientation.
    """

    index: int
    timestamp_s: float
    frame: av.VideoFrame
    pixel_aspect: Fraction
    orientation: Orientation

    def size(self) -> tuple[int, int]:
        """Returns width and height of the upright frame."""
        size = shown_width(self.frame.width, self.pixel_aspect), self.frame.height
        return size[::-1] if self.orientation.is_transposed else size

    def image(self) -> NDArray[np.uint8]:
        """Returns the upright frame with square pixels, `(height, width, 3)` RGB uint8."""
        width = shown_width(self.frame.width, self.pixel_aspect)
        # Otherwise FFmpeg starts a thread per processor for each frame, as long as the frame lives.
        rgb = self.frame.to_ndarray(format="rgb24", width=width, threads=1)
        stored = np.asarray(rgb, np.uint8)
        return self.orientation.applied(stored)


class VideoReader:
    """Reads a clip once, from start to end. Use it in a `with` statement.

    Attributes:
        facts: the metadata of the clip.
        video: its first video track.
        audio: its first audio track; None if not requested.
        rate: mean frames per second; None if unknown.

    Args:
        source: a file path, or the content of the file.
        with_audio: whether to read the audio packets too.
        max_duration_s: longer clips are rejected.

    Raises:
        InputRejected: it is not a video, is damaged at its beginning, has no video track, is too
            long, or its frames are larger than `imaging.MAX_PIXELS`.
    """

    def __init__(
        self,
        source: Path | bytes,
        *,
        with_audio: bool = False,
        max_duration_s: float | None = None,
    ) -> None:
        self._max_duration_s = max_duration_s
        self._damaged = 0
        self._at_end = False
        self._audio: deque[av.Packet[AudioStream]] = deque()
        self._file = open_file(source)
        self._container: InputContainer | None = None
        self._frames: Generator[ClipFrame] | None = None
        self._first: ClipFrame | None = None
        try:
            self._container = open_container(self._file)
            self.video = video_stream(self._container)
            self._duration_s = _seconds(self._container.duration)
            if is_duration_doubtful(self._container):
                self._duration_s = measured_duration_s(self._container)
                self._container.close()
                self._container = open_container(self._file)
                self.video = video_stream(self._container)
            self._check_duration(self._duration_s or 0.0)
            is_mean_of_jumps = self._duration_s != _seconds(self._container.duration)
            self.rate = self.video.guessed_rate if is_mean_of_jumps else self.video.average_rate
            self._sound = sound_streams(self._container)
            self.audio = self._sound[0] if with_audio and self._sound else None
            self._clock = ClipClock(self._container)
            self._start_s = _seconds(self._container.start_time) or 0.0
            self._pixel_aspects = PixelAspects(self.video)
            self._orientations = Orientations(self.video)
            self._is_theora = self.video.codec_context.name == "theora"
            self._expected = ExpectedFrames(self._container, self.video, self._file)
            self._frames = self._decode(self._container)
            first = next(self._frames, None)
            if first is None:
                raise InputRejected(
                    "The video has no readable frames. Get the file again, or convert it to MP4.",
                    reason="no_frames",
                )
            self._first = first
            self.facts = self._facts(first)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file, and stops the decoder threads."""
        if self._frames is not None:
            self._frames.close()  # breaks the reference cycle that keeps the decoder alive
        self._first, self._frames = None, None
        if self._container is not None:
            self._container.close()
        self._file.close()

    def frames(self) -> Iterator[ClipFrame]:
        """Yields the frames in presentation order, with one in memory at a time.

        Raises:
            InputRejected: the clip is longer than `max_duration_s` after all.
        """
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        if self._frames is not None:
            yield from self._frames

    def audio_packets(self) -> Iterator[av.Packet[AudioStream]]:
        """Yields the audio packets up to the last yielded frame."""
        while self._audio:
            packet = self._audio.popleft()
            # Shifted like the frames, so that the clip begins at 0.
            move(packet, -self._start_s)
            yield packet

    def counts(self) -> FrameCounts:
        """Returns the frame counts so far, or of the whole clip after the last frame."""
        dropped = self._damaged
        if self._at_end:
            # A truncated file still states its number of frames.
            dropped = max(dropped, self._expected.total() - self._decoded)
        return FrameCounts(self._decoded, dropped)

    def notices(self) -> tuple[str, ...]:
        """Returns notices for the user about times and frames so far, in sentences."""
        notices = []
        if jumps := self._clock.jumps_s:
            times = "once," if len(jumps) == 1 else f"{len(jumps)} times, first"
            first_s = max(0.0, jumps[0] - self._start_s)
            notices.append(
                f"The video's timestamps jump {times} at {first_s:.1f} s, as in joined or "
                "interrupted recordings. Times continue from there without a "
                "gap."
            )
        if (aspect := self._pixel_aspects.ignored) is not None:
            notices.append(
                f"The video's pixel aspect ratio is ignored. Expected at most {MAX_PIXEL_ASPECT}:1 "
                "or "
                f"1:{MAX_PIXEL_ASPECT}. Received: {aspect.numerator}:{aspect.denominator}."
            )
        return tuple(notices)

    def _decode(self, container: InputContainer) -> Generator[ClipFrame]:
        self._decoded = 0
        last_s: float | None = None
        step_s = 1.0 / float(self.rate) if self.rate else 0.0
        for frame in self._decoded_frames(container):
            aspect = self._pixel_aspects.current()
            check_size(shown_width(frame.width, aspect), frame.height)
            time_s = self._time_s(frame)
            if last_s is None:
                # Some containers do not state their start time, or start before it.
                self._start_s += min(0.0, time_s or 0.0)
                time_s = max(0.0, time_s or 0.0)
            elif time_s is None:
                time_s = last_s + step_s
            last_s = time_s = max(time_s, last_s or 0.0)
            self._check_duration(time_s)
            self._decoded += 1
            orientation = self._orientations.of(frame)
            yield ClipFrame(self._decoded - 1, time_s, frame, aspect, orientation)
        self._at_end = True

    def _time_s(self, frame: av.VideoFrame) -> float | None:
        """Returns the presentation time of a frame; None if missing or impossible."""
        time_s: float | None = frame.time
        if time_s is None or self._clock.is_beyond_any_step(time_s):
            return None
        return time_s - self._start_s

    def _decoded_frames(self, container: InputContainer) -> Iterator[av.VideoFrame]:
        for packet in self._packets(container):
            try:
                check_frame(packet)
                frames = self.video.decode(packet)
            except (InputRejected, av.error.FFmpegError):
                self._damaged += 1
            else:
                yield from frames
        # Frames are still buffered in the decoder.
        end = cast("av.Packet[VideoStream]", av.Packet())
        assert self.video.time_base is not None
        end.time_base = self.video.time_base
        with contextlib.suppress(av.error.FFmpegError):
            yield from self.video.decode(end)

    def _packets(self, container: InputContainer) -> Iterator[av.Packet[VideoStream]]:
        """Yields the video packets; audio packets are queued."""
        # Audio is always read, so that times do not depend on whether it is requested.
        packets = container.demux([self.video, *self._sound])
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):  # or the rest cannot be read
                return
            if packet.dts is None and packet.pts is None and not packet.size:
                continue  # PyAV's end-of-stream marker
            if self._is_theora and packet.stream is self.video and _is_theora_header(packet):
                continue  # of the next of several recordings in one file
            self._clock.correct(packet)
            if packet.stream is self.video:
                picture = cast("av.Packet[VideoStream]", packet)
                self._expected.add(picture)
                if picture.size:  # an empty one would flush the decoder
                    yield picture
            elif packet.stream is self.audio and packet.dts is not None:
                self._audio.append(cast("av.Packet[AudioStream]", packet))

    def _facts(self, first: ClipFrame) -> ClipFacts:
        assert self._container is not None
        width, height = first.size()
        return ClipFacts(
            width=width,
            height=height,
            duration_s=self._duration_s,
            fps=float(self.rate) if self.rate else None,
            codec=self.video.codec_context.name,
            has_audio=bool(self._container.streams.audio),
        )

    def _check_duration(self, duration_s: float) -> None:
        if self._max_duration_s is not None and duration_s > self._max_duration_s:
            raise InputRejected(
                f"The video is too long. Expected at most {self._max_duration_s / 60:g} minutes. "
                "Shorten it, or use the command line: python -m fer_core video.",
                reason="too_long",
            )


def _is_theora_header(packet: av.Packet[Any]) -> bool:
    """Returns whether a packet has no frame (Theora specification, section 6.1)."""
    return packet.size > 0 and bool(memoryview(packet)[0] & 0x80)


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / av.time_base
