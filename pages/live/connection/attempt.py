"""An attempt to run the live video, from Start to Stop, and its state."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Literal

import streamlit as st
from streamlit_webrtc import WebRtcStreamerState

from pages.live.connection.camera_check import CameraCheck
from pages.live.connection.failures import Failure, camera_failure, connection_failure
from pages.live.connection.feed import CameraFeed
from pages.live.connection.stream import LiveStream
from pages.session import LIVE_VIDEO_KEY, live_slots

ASK_AGAIN_S: Final = 5.0
"""After this time without a reply to the browser's permission prompt, the page explains it."""

CONNECT_WITHIN_S: Final = 10.0
"""Timeout for the video after the camera is ready. An unreachable STUN server alone takes five
seconds. The page polls more than once a second; on a busy machine it polls less often and the video
takes longer, so at least this many polls are made."""

FIRST_RESULT_S: Final = 3.0
"""Longest time from the first video to the first result."""

LOOK_EVERY_S: Final = 0.7
RELAY_SAYS_WITHIN_S: Final = 4.0
"""Additional time to wait while the browser still tests the relay servers."""

RECONNECTS: Final = 3
"""Number of automatic reconnects after the connection is lost. The browser closes a connection
after two and a half seconds without data."""

STEADY_AFTER_S: Final = 60.0
"""After the video ran this long, the count of reconnects starts from zero."""

Phase = Literal["asking", "connecting", "playing", "failed", "over"]


@dataclass(eq=False)
class LiveAttempt:
    """One attempt.

    Attributes:
        number: the browser checks its camera once for each number.
        stream: both ends of the connection, for streamlit-webrtc.
        started_s: start time, by `time.monotonic`.
        has_camera: whether the browser may use a camera.
        ready_s: time when it could connect; None until then.
        breaks: number of consecutive lost connections before this attempt.
        looks: number of polls for the video since it could connect.
        played_s: time when the video started; None until then.
        relay: outcome of the test of the relay servers; None while it runs.
        failure: why it failed, if it did.
        is_over: whether the visitor ended it.
    """

    number: int
    stream: LiveStream
    started_s: float = field(default_factory=time.monotonic)
    has_camera: bool = False
    ready_s: float | None = None
    breaks: int = 0
    looks: int = 0
    played_s: float | None = None
    relay: str | None = None
    failure: Failure | None = None
    is_over: bool = False

    def end(self) -> None:
        """Ends the attempt, because the visitor pressed Stop or left the page."""
        self.is_over = True
        self.stream.stop()

    @property
    def phase(self) -> Phase:
        """The phase of the attempt."""
        if self.is_over:
            return "over"
        if self.failure is not None:
            return "failed"
        if self.ready_s is None:
            return "asking"
        return "connecting" if self.played_s is None else "playing"

    @property
    def has_just_begun(self) -> bool:
        """Whether the video started so recently that there may be no result yet."""
        return self.played_s is not None and time.monotonic() - self.played_s < FIRST_RESULT_S

    @property
    def wants_video(self) -> bool:
        """Whether the connection should be made or kept."""
        return self.phase in ("connecting", "playing")

    @property
    def may_reconnect(self) -> bool:
        """Whether the connection was lost, but not too often in a row."""
        return self.phase == "failed" and self.failure == "lost" and self.breaks < RECONNECTS

    def fail(self, failure: Failure) -> None:
        """Ends the attempt with a reason and releases its resources."""
        if self.played_s is not None and time.monotonic() - self.played_s > STEADY_AFTER_S:
            self.breaks = 0
        self.stream.stop()
        self.failure = failure  # last, because another run of the page may then start a new attempt

    @property
    def waits_for_permission(self) -> bool:
        """Whether the browser's permission prompt has been open for a while."""
        waits_s = time.monotonic() - self.started_s
        return self.phase == "asking" and not self.has_camera and waits_s > ASK_AGAIN_S

    @property
    def is_overdue(self) -> bool:
        """Whether the video should have started by now."""
        if self.ready_s is None or self.phase != "connecting":
            return False
        patience = CONNECT_WITHIN_S + (RELAY_SAYS_WITHIN_S if self.relay is None else 0.0)
        return time.monotonic() - self.ready_s > patience and self.looks > patience

    def take(self, check: CameraCheck, state: WebRtcStreamerState) -> None:
        """Processes the outcome of the camera check.

        Args:
            check: the outcome.
            state: of the connection, which may be an earlier one that has not ended yet.
        """
        if self.phase != "asking" or check.camera is None:
            return
        failure = camera_failure(check.camera)
        if failure is not None:
            self.fail(failure)
            return
        self.has_camera = True
        if not (state.playing or state.signalling):
            self.ready_s = time.monotonic()

    def look(self) -> None:
        """Counts a poll for the video, about one every `LOOK_EVERY_S`."""
        if self.phase == "connecting":
            self.looks += 1

    def observe(self, state: WebRtcStreamerState, check: CameraCheck) -> None:
        """Processes the state of the connection."""
        self.relay = check.relay
        if self.phase == "connecting" and state.playing:
            self.played_s = time.monotonic()
        elif self.is_overdue or (self.phase == "playing" and not state.playing):
            self.fail(self._why_no_video())
        self.notice_end()

    def notice_end(self) -> None:
        """Fails if the connection has ended on its own."""
        if self.wants_video and self.stream.has_ended:
            self.fail(self._why_no_video())

    def _why_no_video(self) -> Failure:
        if self.phase == "playing":
            return "lost"
        failure = connection_failure(self.relay)
        # A lost connection shows that the network allows one.
        return "lost" if failure == "no_way" and self.breaks else failure


def connection_state(streamer: str) -> WebRtcStreamerState:
    """Returns the state of the connection before it is drawn in this run of the page."""
    context = st.session_state.get(streamer)
    return WebRtcStreamerState(False, False) if context is None else context.state


def current_attempt(feed: CameraFeed, limit: int) -> LiveAttempt | None:
    """Returns this visitor's attempt; None if the camera is off.

    An attempt whose connection was lost is replaced by a new one, if fewer than `limit` slots are
    taken.
    """
    attempt: LiveAttempt | None = st.session_state.get(LIVE_VIDEO_KEY)
    if attempt is not None and attempt.may_reconnect:
        attempt = _begin(feed, limit, breaks=attempt.breaks + 1)
    return None if attempt is None or attempt.phase == "over" else attempt


def start_attempt(feed: CameraFeed, limit: int) -> None:
    """Starts a new attempt, if fewer than `limit` slots are taken."""
    _begin(feed, limit, breaks=0)


def _begin(feed: CameraFeed, limit: int, *, breaks: int) -> LiveAttempt:
    before: LiveAttempt | None = st.session_state.get(LIVE_VIDEO_KEY)
    number = 1 if before is None else before.number + 1
    attempt = LiveAttempt(number, LiveStream(feed.on_frame, feed.on_ended), breaks=breaks)
    st.session_state[LIVE_VIDEO_KEY] = attempt
    if not live_slots().acquire(feed, limit):
        attempt.fail("full")
    return attempt
