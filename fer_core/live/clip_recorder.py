"""Records the annotated video to a file in memory, on request."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.machine import codec_threads

MAX_BYTES: Final = 50_000_000
MAX_SECONDS: Final = 180.0

_TIME_BASE: Final = Fraction(1, 1000)
_QUICK: Final = {"preset": "veryfast", "tune": "zerolatency", "crf": "26"}


@dataclass(frozen=True)
class Clip:
    """A finished video file.

    Attributes:
        data: an MP4 file with H.264 video.
        seconds: its length.
        is_full: whether it stopped at its limit.
    """

    data: bytes
    seconds: float
    is_full: bool


class ClipRecorder:
    """Writes frames to an MP4 file in memory while recording. Thread-safe.

    Args:
        max_bytes: recording stops at this size.
        max_seconds: recording stops at this length.
    """

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_seconds: float = MAX_SECONDS) -> None:
        self._lock = threading.Lock()
        self._max_bytes, self._max_seconds = max_bytes, max_seconds
        self._is_recording = False
        self._clip: Clip | None = None
        self._writer: _Writer | None = None

    @property
    def is_recording(self) -> bool:
        """Whether frames are being written."""
        with self._lock:
            return self._is_recording

    @property
    def clip(self) -> Clip | None:
        """The last finished file, until the next recording starts."""
        with self._lock:
            return self._clip

    def start(self) -> None:
        """Starts a new recording; discards the last file."""
        with self._lock:
            self._finish(is_full=False)
            self._clip, self._is_recording = None, True

    def stop(self) -> None:
        """Finishes the file."""
        with self._lock:
            self._finish(is_full=False)

    def discard(self) -> None:
        """Discards everything."""
        with self._lock:
            self._finish(is_full=False)
            self._clip = None

    def add(self, image: NDArray[np.uint8], timestamp_s: float) -> None:
        """Writes the next frame while recording.

        Args:
            image: `(height, width, 3)` RGB uint8; resized if its size differs from the first frame.
            timestamp_s: later than the previous one.
        """
        with self._lock:
            if not self._is_recording:
                return
            if self._writer is None:
                self._writer = _Writer(image, timestamp_s)
            self._writer.write(image, timestamp_s)
            if self._writer.size > self._max_bytes or self._writer.seconds > self._max_seconds:
                self._finish(is_full=True)

    def _finish(self, *, is_full: bool) -> None:
        self._is_recording = False
        writer, self._writer = self._writer, None  # released even if it cannot be closed
        if writer is not None:
            self._clip = Clip(writer.close(), writer.seconds, is_full)


class _Writer:
    def __init__(self, image: NDArray[np.uint8], timestamp_s: float) -> None:
        import av  # already loaded with a video connection; slow to import otherwise
        from av.video.stream import VideoStream

        self._file = io.BytesIO()
        self._frame_of = av.VideoFrame.from_ndarray
        self._container = av.open(self._file, "w", format="mp4")
        stream = self._container.add_stream("libx264", rate=30, options=_QUICK)
        assert isinstance(stream, VideoStream)
        # H.264 with chroma subsampling needs even sides.
        stream.height, stream.width = (side - side % 2 for side in image.shape[:2])
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        stream.codec_context.thread_count = codec_threads()
        self._stream = stream
        self._first_s = timestamp_s
        self._last_pts = -1
        self.seconds = 0.0

    @property
    def size(self) -> int:
        return self._file.tell()

    def write(self, image: NDArray[np.uint8], timestamp_s: float) -> None:
        self.seconds = timestamp_s - self._first_s
        frame = self._frame_of(image, format="rgb24").reformat(
            self._stream.width, self._stream.height, "yuv420p", threads=1
        )
        frame.time_base = _TIME_BASE
        self._last_pts = max(self._last_pts + 1, round(self.seconds / _TIME_BASE))
        frame.pts = self._last_pts
        self._container.mux(self._stream.encode(frame))

    def close(self) -> bytes:
        self._container.mux(self._stream.encode())
        self._container.close()
        return self._file.getvalue()
