"""One video connection: the newest frame from the browser in, its result back out.

streamlit-webrtc hands the browser's video to a sink and takes what goes back from a track. Between
the two works one thread. A frame that comes while it is busy replaces the one that waits, so what
is shown is never old; a result goes back the moment it is there.
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
"""For all visitors. Finding and naming faces keeps about two processors busy.

Threads that share the processors instead all take longer, and do less in all: they push one another
out of the caches, and whoever has a little to do, as the media loop for each packet, waits for all
of them.
"""


@dataclass(frozen=True, eq=False)
class ArrivedFrame:
    """A frame from the browser.

    Attributes:
        frame: as decoded.
        arrived_s: when, by `time.monotonic`.
        dropped: frames left out since the one before, because newer ones came.
    """

    frame: av.VideoFrame
    arrived_s: float
    dropped: int


class ResultTrack(MediaStreamTrack):
    """What goes back to the browser: waits for results. May be used from any thread."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._result: av.VideoFrame | None = None
        self._changed = asyncio.Event()

    def push(self, frame: av.VideoFrame) -> None:
        """Gives the next result; one that nobody took is replaced."""
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
        """Ends the track and lets go of whoever waits."""
        super().stop()
        self._result = None
        self._wake()

    def _wake(self) -> None:
        # A server that shuts down closes its loop first, and with it everything on it.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)


class _Player:
    """What streamlit-webrtc takes as a source.

    A track given as `source_video_track` passes one relay more, of which a part stays behind after
    each connection, with a frame.

    It is false, which keeps streamlit-webrtc from stopping its track, as the stream does that. When
    visitor and connection end at the same moment two threads would do so, and one of them would
    find no player any more between one look at it and the next.
    """

    audio = None

    def __init__(self, video: MediaStreamTrack) -> None:
        self.video = video

    def __bool__(self) -> bool:
        return False


class LiveStream:
    """A sink for streamlit-webrtc and the track that answers it; for one connection.

    Args:
        process: turns a frame into what is shown; runs on a thread of this stream and must not
            raise.
        on_ended: called once when the connection is over, on any thread.

    Attributes:
        results: the track to send back; streamlit-webrtc gets it by `player`.
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
        """Whether the connection is over."""
        with self._changed:
            return self._has_ended

    def player(self) -> MediaPlayer:
        """Returns the results as streamlit-webrtc takes them."""
        return cast(MediaPlayer, _Player(self.results))

    def addTrack(self, track: MediaStreamTrack) -> None:  # noqa: N802 (the library's name)
        """Takes the browser's video."""
        self._track = track

    def hasTrack(self) -> bool:  # noqa: N802
        """Tells whether there is video to read."""
        return self._track is not None and not self.has_ended

    def start(self) -> None:
        """Begins to read; called on the media loop."""
        self._loop = asyncio.get_running_loop()
        self._reading = self._loop.create_task(self._read())
        threading.Thread(target=self._work, name="live_stream", daemon=True).start()

    def stop(self) -> None:
        """Ends reading, working and answering; may be called on any thread, and again."""
        # All within the lock: who sees that it has ended may begin anew, and must not lose what is
        # given back for this connection.
        with self._changed:
            if self._has_ended:
                return
            self._has_ended, self._waiting = True, None
            self._changed.notify_all()
            self.results.stop()
            if self._loop is not None and self._reading is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._reading.cancel)
            self._on_ended()
        # A closed connection is a ring of few objects, and with it stay codecs, their threads and
        # frames. Python counts objects before it looks for rings, not what hangs on them.
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
