"""Opens an untrusted video file for reading, or rejects it with a reason.

FFmpeg gets an open file and a list of allowed containers: given a file name, it would also read
playlists, which can point to any other file or address.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Final

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from fer_core.errors import InputRejected
from fer_core.files import VIDEO_KINDS, listed
from fer_core.imaging import MAX_PIXELS
from fer_core.machine import codec_threads
from fer_core.video.frame_limits import UNCHECKED_CODECS

_DEMUXERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"


def open_file(source: Path | bytes) -> IO[bytes]:
    """Opens a file path, or the content of a file.

    Raises:
        InputRejected: the file does not exist, is empty, or cannot be read.
    """
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


def open_container(file: IO[bytes]) -> InputContainer:
    """Opens the container in a file from its first byte. Closing it leaves the file open.

    Raises:
        InputRejected: it is not an allowed container, or its beginning is damaged.
    """
    file.seek(0)
    try:
        return av.open(
            file, "r", options={"format_whitelist": _DEMUXERS}, metadata_errors="replace"
        )
    except av.error.ArgumentError as error:  # a type that FFmpeg knows but that is not allowed
        raise InputRejected(
            f"This type of file is not supported. Expected a video as {listed(VIDEO_KINDS)}.",
            reason="unsupported_type",
        ) from error
    except (av.error.FFmpegError, OSError) as error:
        raise InputRejected(
            "This is not a readable video: its beginning is damaged or missing, or the recording "
            f"was interrupted. Expected {listed(VIDEO_KINDS)}.",
            reason="corrupt",
        ) from error


def video_stream(container: InputContainer) -> VideoStream:
    """Returns the first video track.

    Raises:
        InputRejected: there is none, its codec is unknown or not supported, or its frames are too
            large.
    """
    # Album art counts as a video with one frame.
    streams = [
        stream
        for stream in container.streams.video
        if not Disposition.attached_pic & stream.disposition
    ]
    if not streams:
        raise InputRejected(
            "The file has no video track. Expected a video, not only audio.",
            reason="no_video",
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise InputRejected(
            "The video's codec is unknown. Convert the video to MP4 (H.264).",
            reason="unsupported_type",
        )
    if stream.codec_context.name in UNCHECKED_CODECS:
        raise InputRejected(
            f"Videos with the codec {stream.codec_context.name} are not supported. Convert the "
            "video to MP4 (H.264).",
            reason="unsupported_type",
        )
    check_size(stream.codec_context.width, stream.codec_context.height)
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = codec_threads()
    return stream


def sound_streams(container: InputContainer) -> tuple[AudioStream, ...]:
    """Returns the first audio track, or None."""
    return tuple(container.streams.audio[:1])


def check_size(width: int, height: int) -> None:
    """Rejects frames with too many pixels.

    Raises:
        InputRejected: there are more than `imaging.MAX_PIXELS`.
    """
    if width * height > MAX_PIXELS:
        raise InputRejected(
            f"The video's frames have too many pixels. Expected at most "
            f"{MAX_PIXELS // 10**6} megapixels. Received: {width} x {height} pixels.",
            reason="too_many_pixels",
        )
