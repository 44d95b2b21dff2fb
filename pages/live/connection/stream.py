"""One video connection: receives the newest frame from the browser and sends back its result.

streamlit-webrtc passes the browser's video to a sink and reads the returned video from a track. One
thread works between them. A frame that arrives while it is busy replaces the waiting one, so the
latency stays low; a result is sent back immediately.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import av
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaPlayer
from aiortc.mediastreams import MediaStreamError

from fer_core.machine import FairSlots, available_processors

_CLOSED_AFTER_S: Final = 3.0

_SLOTS: Final = FairSlots(max(1, available_processors() // 2))
"""For all visitors. Detecting and classifying faces keeps about two processors busy.

More concurrent threads would lower the throughput: they evict each other from the caches, and short
tasks, such as the media loop for each packet, would wait for all of them.
"""


@dataclass(frozen=True, eq=False)
class ArrivedFrame:
    """A frame from the browser.

    Attributes:
        frame: as decoded.
        arrived_s: arrival time, by `time.monotonic`.
        dropped: number of frames dropped since the previous one, because newer ones arrived.
    """

    frame: av.VideoFrame
    arrived_s: float
    dropped: int


class ResultTrack(MediaStreamTrack):
    """The track sent back to the browser; it waits for results. Thread-safe."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._result: av.VideoFrame | None = None
        self._changed = asyncio.Event()

    def push(self, frame: av.VideoFrame) -> None:
        """Sets the next result; replaces one that was not sent yet."""
        if self.readyState == "live":
            self._result = frame
            self._wake()

    async def recv(self) -> av.VideoFrame:
        """Waits for the next result."""
        self._loop = asyncio.get_running_loop()
        while self.readyState == "live":
            frame, self._result = self._result, None
            if frame is not None:
                return frame
            await self._changed.wait()
            self._changed.clear()
        raise MediaStreamError

    def stop(self) -> None:
        """Ends the track and wakes its waiting reader."""
        super().stop()
        self._result = None
        self._wake()

    def _wake(self) -> None:
        # A server that shuts down closes its event loop first.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)


class _Player:
    """A source for streamlit-webrtc.

    A track passed as `source_video_track` would go through an additional relay, which leaks a frame
    with each connection.

    It is falsy, so that streamlit-webrtc does not stop its track: the stream does that. When the
    session and the connection end at the same moment, two threads would stop it, and one of them
    would fail because the player disappears between its check and its use.
    """

    audio = None

    def __init__(self, video: MediaStreamTrack) -> None:
        self.video = video

    def __bool__(self) -> bool:
        return False


class LiveStream:
    """A sink for streamlit-webrtc and the track that it returns; for one connection.

    Args:
        process: returns the annotated frame; runs on a thread of this stream and must not raise.
        on_ended: called once when the connection ends, on any thread.

    Attributes:
        results: the track to send back; streamlit-webrtc gets it from `player`.
    """

    def __init__(
        self, process: Callable[[ArrivedFrame], av.VideoFrame], on_ended: Callable[[], None]
    ) -> None:
        self.results = ResultTrack()
        self._process, self._on_ended = process, on_ended
        self._track: MediaStreamTrack | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading: asyncio.Task[None] | None = None
        self._changed = threading.Condition()
        self._waiting: ArrivedFrame | None = None
        self._has_ended = False

    @property
    def has_ended(self) -> bool:
        """Whether the connection has ended."""
        with self._changed:
            return self._has_ended

    def player(self) -> MediaPlayer:
        """Returns the results as a player for streamlit-webrtc."""
        return cast(MediaPlayer, _Player(self.results))

    def addTrack(self, track: MediaStreamTrack) -> None:  # noqa: N802 (the library's name)
        """Sets the browser's video."""
        self._track = track

    def hasTrack(self) -> bool:  # noqa: N802
        """Returns whether there is video to read."""
        return self._track is not None and not self.has_ended

    def start(self) -> None:
        """Starts reading; called on the media loop."""
        self._loop = asyncio.get_running_loop()
        self._reading = self._loop.create_task(self._read())
        threading.Thread(target=self._work, name="live_stream", daemon=True).start()

    def stop(self) -> None:
        """Ends reading and processing; may be called repeatedly and from any thread."""
        # All within the lock: another thread that sees the end may start a new connection, whose
        # slot must not be released by this one.
        with self._changed:
            if self._has_ended:
                return
            self._has_ended, self._waiting = True, None
            self._changed.notify_all()
            self.results.stop()
            if self._loop is not None and self._reading is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._reading.cancel)
            self._on_ended()
        # A closed connection is a reference cycle of few objects that keeps codecs, their threads
        # and frames alive. Python triggers its collector by the number of objects, not their size.
        tidy = threading.Timer(_CLOSED_AFTER_S, gc.collect)
        tidy.daemon = True
        tidy.start()

    async def _read(self) -> None:
        assert self._track is not None
        try:
            while True:
                frame = await self._track.recv()
                if isinstance(frame, av.VideoFrame):
                    self._take(frame)
        except MediaStreamError:
            self.stop()

    def _take(self, frame: av.VideoFrame) -> None:
        with self._changed:
            dropped = 0 if self._waiting is None else self._waiting.dropped + 1
            self._waiting = ArrivedFrame(frame, time.monotonic(), dropped)
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._has_ended or self._waiting is not None)
            with _SLOTS.slot(id(self)):  # while it waits, a newer frame may come
                with self._changed:
                    arrived, self._waiting = self._waiting, None
                    if self._has_ended or arrived is None:
                        return
                result = self._process(arrived)
            result.pts, result.time_base = arrived.frame.pts, arrived.frame.time_base
            self.results.push(result)
