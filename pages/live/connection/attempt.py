"""From Start to Stop: where an attempt to run the live video stands."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Literal

import streamlit as st
from streamlit_webrtc import WebRtcStreamerState

from pages.live.connection.camera_check import CameraCheck
from pages.live.connection.end import STATE_KEY
from pages.live.connection.failures import Failure, camera_failure, connection_failure
from pages.live.connection.feed import CameraFeed
from pages.live.connection.stream import LiveStream
from pages.visit import live_slots

ASK_AGAIN_S: Final = 5.0
"""Somebody who has not answered the browser's question after this long is told of it."""

CONNECT_WITHIN_S: Final = 10.0
"""Video that has not come so long after the camera was ready will not come. A dead STUN server
alone costs five seconds. The page looks more than once a second; where it does not, the machine
is busy, and so many looks are waited for instead, for the video takes as much longer."""

FIRST_RESULT_S: Final = 3.0
"""So long after video came its first result may take."""

LOOK_EVERY_S: Final = 0.7
RELAY_SAYS_WITHIN_S: Final = 4.0
"""So much longer the reason is waited for, where the browser still tries the relay servers."""

RECONNECTS: Final = 3
"""How often video that broke off is connected again without being asked to. The browser gives a
connection up after two and a half seconds in which nothing came through."""

STEADY_AFTER_S: Final = 60.0
"""Video that ran for so long before it broke off counts as the first that did."""

Phase = Literal["asking", "connecting", "playing", "failed", "over"]


@dataclass(eq=False)
class LiveAttempt:
    """One try.

    Attributes:
        number: the browser checks its camera once for each.
        stream: the connection's two ends, for streamlit-webrtc.
        started_s: when it began, by `time.monotonic`.
        has_camera: whether the browser may use one.
        ready_s: when it could connect; None until then.
        breaks: how often in a row the video broke off before this.
        looks: how often the page has looked for the video since.
        played_s: when video came; None until then.
        relay: what the browser said of the relay servers; None while it still tries them.
        failure: why it failed, if it did.
        is_over: whether somebody ended it.
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

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        if self.is_over:
            return "over"
        if self.failure is not None:
            return "failed"
        if self.ready_s is None:
            return "asking"
        return "connecting" if self.played_s is None else "playing"

    @property
    def has_just_begun(self) -> bool:
        """Whether video came so lately that there may be no result yet."""
        return self.played_s is not None and time.monotonic() - self.played_s < FIRST_RESULT_S

    @property
    def wants_video(self) -> bool:
        """Whether the connection is to be made, or kept."""
        return self.phase in ("connecting", "playing")

    @property
    def may_reconnect(self) -> bool:
        """Whether the video broke off, but not too often in a row."""
        return self.phase == "failed" and self.failure == "lost" and self.breaks < RECONNECTS

    def fail(self, failure: Failure) -> None:
        """Ends it for a reason, and frees what it held."""
        if self.played_s is not None and time.monotonic() - self.played_s > STEADY_AFTER_S:
            self.breaks = 0
        self.stream.stop()
        self.failure = failure  # last, for another run of the page may then begin anew

    @property
    def waits_for_answer(self) -> bool:
        """Whether the browser's question for the camera has stood for a while."""
        waits_s = time.monotonic() - self.started_s
        return self.phase == "asking" and not self.has_camera and waits_s > ASK_AGAIN_S

    @property
    def is_overdue(self) -> bool:
        """Whether the video should have come by now."""
        if self.ready_s is None or self.phase != "connecting":
            return False
        patience = CONNECT_WITHIN_S + (RELAY_SAYS_WITHIN_S if self.relay is None else 0.0)
        return time.monotonic() - self.ready_s > patience and self.looks > patience

    def take(self, check: CameraCheck, state: WebRtcStreamerState) -> None:
        """Takes in what the browser said of its camera.

        Args:
            check: what it said.
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
        """Counts a look for the video, of which there is one about every `LOOK_EVERY_S`."""
        if self.phase == "connecting":
            self.looks += 1

    def observe(self, state: WebRtcStreamerState, check: CameraCheck) -> None:
        """Takes in how the connection goes."""
        self.relay = check.relay
        if self.phase == "connecting" and state.playing:
            self.played_s = time.monotonic()
        elif self.is_overdue or (self.phase == "playing" and not state.playing):
            self.fail(self._why_no_video())
        self.notice_end()

    def notice_end(self) -> None:
        """Fails when the connection has ended by itself."""
        if self.wants_video and self.stream.has_ended:
            self.fail(self._why_no_video())

    def _why_no_video(self) -> Failure:
        if self.phase == "playing":
            return "lost"
        failure = connection_failure(self.relay)
        # There is a way, or there would have been no video that could break off.
        return "lost" if failure == "no_way" and self.breaks else failure


def connection_state(streamer: str) -> WebRtcStreamerState:
    """Returns how the connection stands before it is drawn in this run of the page."""
    context = st.session_state.get(streamer)
    return WebRtcStreamerState(False, False) if context is None else context.state


def current_attempt(feed: CameraFeed, limit: int) -> LiveAttempt | None:
    """Returns this visitor's attempt; None when nobody wants the camera.

    In place of one whose video broke off there is a new one, of at most `limit` at the same time.
    """
    attempt: LiveAttempt | None = st.session_state.get(STATE_KEY)
    if attempt is not None and attempt.may_reconnect:
        attempt = _begin(feed, limit, breaks=attempt.breaks + 1)
    return None if attempt is None or attempt.phase == "over" else attempt


def start_attempt(feed: CameraFeed, limit: int) -> None:
    """Begins a new attempt, if fewer than `limit` places are taken."""
    _begin(feed, limit, breaks=0)


def stop_attempt() -> None:
    """Ends the attempt, because somebody wants it or has left the page."""
    attempt: LiveAttempt | None = st.session_state.get(STATE_KEY)
    if attempt is not None:
        attempt.is_over = True
        attempt.stream.stop()


def _begin(feed: CameraFeed, limit: int, *, breaks: int) -> LiveAttempt:
    before: LiveAttempt | None = st.session_state.get(STATE_KEY)
    number = 1 if before is None else before.number + 1
    attempt = LiveAttempt(number, LiveStream(feed.on_frame, feed.on_ended), breaks=breaks)
    st.session_state[STATE_KEY] = attempt
    if not live_slots().acquire(feed, limit):
        attempt.fail("full")
    return attempt
