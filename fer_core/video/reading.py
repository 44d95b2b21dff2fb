"""An untrusted clip, frame by frame with exact times, or a rejection that says why.

FFmpeg gets an open file and the names of the containers it may look for: with a name it would also
read playlists, which can point to any other file or address.
"""

from __future__ import annotations

import contextlib
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

import av
import av.error
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.file_kinds import VIDEO_KINDS, listed
from fer_core.images import MAX_PIXELS

_DEMUXERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"


@dataclass(frozen=True)
class ClipFacts:
    """What a clip says of itself.

    Attributes:
        width: of the upright picture in pixels.
        height: of the upright picture in pixels.
        duration_s: its length; None where the file does not tell.
        fps: mean frames a second; None where the file does not tell.
        codec: name of the video's codec.
        has_audio: whether there is a sound track.
    """

    width: int
    height: int
    duration_s: float | None
    fps: float | None
    codec: str
    has_audio: bool


@dataclass(frozen=True)
class FrameCounts:
    """What became of the frames of a clip.

    Attributes:
        decoded: frames that were read.
        dropped: frames that should be there but could not be read: damaged, or beyond the end of
            a file that was cut off.
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
        index: its number among the frames that were read, from 0.
        timestamp_s: when it is shown, from the start of the clip; never earlier than the one
            before.
        frame: as it was decoded, not turned upright.
    """

    index: int
    timestamp_s: float
    frame: av.VideoFrame

    def image(self) -> NDArray[np.uint8]:
        """Returns the upright picture, `(height, width, 3)` RGB uint8."""
        stored = np.asarray(self.frame.to_ndarray(format="rgb24"), np.uint8)
        return np.ascontiguousarray(np.rot90(stored, _quarter_turns(self.frame)))


class ClipReader:
    """Reads a clip once, from beginning to end. Use it in a `with` statement.

    Attributes:
        facts: what the clip says of itself.

    Args:
        source: a file, or all of its bytes.
        with_audio: whether the packets of the sound track are wanted too.
        max_duration_s: a longer clip is refused.

    Raises:
        InputRejected: it is no clip, is damaged at its beginning, has no picture, is too long, or
            its pictures are larger than `images.MAX_PIXELS`.
    """

    def __init__(
        self,
        source: Path | bytes,
        *,
        with_audio: bool = False,
        max_duration_s: float | None = None,
    ) -> None:
        self._max_duration_s = max_duration_s
        self._damaged = self._cut_away = 0
        self._at_end = False
        self._audio: deque[av.Packet[AudioStream]] = deque()
        self._file = _opened(source)
        self._container: InputContainer | None = None
        try:
            self._container = _container(self._file)
            self.video = _video_stream(self._container)
            self.audio = next(iter(self._container.streams.audio), None) if with_audio else None
            self._check_duration(_seconds(self._container.duration) or 0.0)
            self._frames = self._decode(self._container)
            first = next(self._frames, None)
            if first is None:
                raise InputRejected(
                    "The clip holds no frame that can be read. Get the file again, or save it "
                    "anew as MP4.",
                    reason="no_frames",
                )
            self._first: ClipFrame | None = first
            self.facts = self._facts(first)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> ClipReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        if self._container is not None:
            self._container.close()
        self._file.close()

    def frames(self) -> Iterator[ClipFrame]:
        """Yields the frames in the order in which they are shown. One at a time is in memory.

        Raises:
            InputRejected: the clip turns out to be longer than `max_duration_s`.
        """
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._frames

    def audio_packets(self) -> Iterator[av.Packet[AudioStream]]:
        """Yields the packets of the sound track that came up to the frame last yielded."""
        while self._audio:
            yield self._audio.popleft()

    def counts(self) -> FrameCounts:
        """Returns what became of the frames so far, or of all once the last one was yielded."""
        dropped = self._damaged
        if self._at_end:
            # A file that was cut off still says how many there were. Frames before the beginning
            # of a clip that was trimmed without encoding it anew are not to be shown.
            announced = self.video.frames - self._cut_away
            dropped = max(dropped, announced - self._decoded)
        return FrameCounts(self._decoded, dropped)

    def _decode(self, container: InputContainer) -> Iterator[ClipFrame]:
        self._decoded = 0
        # Where a stream begins anew, as in recordings that were joined, its clock does too.
        offset_s, last_s = -(_seconds(container.start_time) or 0.0), 0.0
        step_s = 1.0 / float(self.video.average_rate) if self.video.average_rate else 0.0
        for frame in self._decoded_frames(container):
            _check_size(frame.width, frame.height)
            time_s = last_s + step_s if frame.time is None else frame.time + offset_s
            if time_s < last_s:
                offset_s += last_s + step_s - time_s
                time_s = last_s + step_s
            last_s = time_s
            self._check_duration(time_s)
            self._decoded += 1
            yield ClipFrame(self._decoded - 1, time_s, frame)
        self._at_end = True

    def _decoded_frames(self, container: InputContainer) -> Iterator[av.VideoFrame]:
        packets = container.demux([stream for stream in (self.video, self.audio) if stream])
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                # What follows cannot be read. Frames may still wait in the decoder.
                with contextlib.suppress(av.error.FFmpegError):
                    yield from self.video.decode(None)
                return
            if packet.stream is self.audio:
                if packet.dts is not None:
                    sound = cast("av.Packet[AudioStream]", packet)
                    self._audio.append(self._shifted(sound, container.start_time))
                continue
            self._cut_away += packet.is_discard
            try:
                yield from self.video.decode(packet)
            except av.error.FFmpegError:
                self._damaged += 1

    def _shifted(
        self, packet: av.Packet[AudioStream], start_time: int | None
    ) -> av.Packet[AudioStream]:
        """Moves a packet of sound as the frames are moved: to a clip that begins at 0."""
        assert packet.time_base is not None
        shift = round((_seconds(start_time) or 0.0) / packet.time_base)
        packet.dts = None if packet.dts is None else packet.dts - shift
        packet.pts = None if packet.pts is None else packet.pts - shift
        return packet

    def _facts(self, first: ClipFrame) -> ClipFacts:
        assert self._container is not None
        width, height = first.frame.width, first.frame.height
        if _quarter_turns(first.frame) % 2:
            width, height = height, width
        rate = self.video.average_rate
        return ClipFacts(
            width=width,
            height=height,
            duration_s=_seconds(self._container.duration),
            fps=float(rate) if rate else None,
            codec=self.video.codec_context.name,
            has_audio=bool(self._container.streams.audio),
        )

    def _check_duration(self, duration_s: float) -> None:
        if self._max_duration_s is not None and duration_s > self._max_duration_s:
            raise InputRejected(
                f"The clip is too long. Expected at most {self._max_duration_s / 60:g} minutes. "
                "Cut it shorter, or use the command line: python -m fer_core video.",
                reason="too_long",
            )


def _opened(source: Path | bytes) -> IO[bytes]:
    if isinstance(source, bytes):
        if not source:
            raise InputRejected("The file is empty. Expected a video.", reason="empty")
        return io.BytesIO(source)
    try:
        if not source.is_file():
            what = "This is a folder" if source.is_dir() else "There is no such file"
            raise InputRejected(f"{what}. Expected a video file.", reason="unreadable")
        if not source.stat().st_size:
            raise InputRejected("The file is empty. Expected a video.", reason="empty")
        return source.open("rb")
    except OSError as error:
        raise InputRejected(
            f"The file cannot be read: {error.strerror}.", reason="unreadable"
        ) from error


def _container(file: IO[bytes]) -> InputContainer:
    try:
        return av.open(
            file, "r", options={"format_whitelist": _DEMUXERS}, metadata_errors="replace"
        )
    except av.error.ArgumentError as error:  # FFmpeg knows the type, and it is not on the list
        raise InputRejected(
            f"This type of file is not supported. Expected a video as {listed(VIDEO_KINDS)}.",
            reason="unsupported_type",
        ) from error
    except (av.error.FFmpegError, OSError) as error:
        raise InputRejected(
            "This is no video that can be read: its beginning is damaged or missing, or it was "
            f"cut off while it was recorded. Expected {listed(VIDEO_KINDS)}.",
            reason="corrupt",
        ) from error


def _video_stream(container: InputContainer) -> VideoStream:
    # The cover of an album counts as a video of one frame.
    streams = [
        stream
        for stream in container.streams.video
        if not Disposition.attached_pic & stream.disposition
    ]
    if not streams:
        raise InputRejected(
            "The file has no video track. Expected a video with pictures, not sound alone.",
            reason="no_video",
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise InputRejected(
            "The video's codec is not known. Save the video anew as MP4 (H.264).",
            reason="unsupported_type",
        )
    _check_size(stream.codec_context.width, stream.codec_context.height)
    stream.thread_type = "AUTO"
    return stream


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputRejected(
            f"The video's pictures have too many pixels. Expected at most "
            f"{MAX_PIXELS // 10**6} megapixels. Received: {width} x {height} pixels.",
            reason="too_many_pixels",
        )


def _quarter_turns(frame: av.VideoFrame) -> int:
    """Returns by how many quarter turns counterclockwise the picture is to be turned."""
    return round(frame.rotation / 90) % 4


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / av.time_base
