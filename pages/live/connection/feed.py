"""Connects the browser's camera to a live session: frames in, annotated frames out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
import streamlit as st

from fer_core.drawing import OverlayStyle, draw_faces
from fer_core.faces import LIVE_SIDE
from fer_core.live import (
    ClipRecorder,
    LiveMeter,
    LiveSession,
    LiveSettings,
    LiveTimelineRecorder,
    ResultRecorder,
)
from fer_core.recognition import Analyzer
from fer_core.zoo import RunnableCard
from pages.live.connection.stream import ArrivedFrame
from pages.pickers import BY_FINGERPRINT, classifier_of, new_detector
from pages.session import LiveSlots, live_slots

VIDEO: Final = {
    "video": {
        "width": {"ideal": 640},
        "height": {"ideal": 480},
        "frameRate": {"ideal": 25, "max": 30},
    },
    "audio": False,
}
"""The media constraints for the browser."""

_STATE_KEY: Final = "live_feed"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Overlay:
    """How results are drawn on the video.

    Attributes:
        style: how much is drawn.
        mirror: whether to mirror the picture.
    """

    style: OverlayStyle = "full"
    mirror: bool = True


class CameraFeed:
    """One visitor's live video and its recordings. It outlives a connection.

    Args:
        session: analyzes the frames.
        slots: that this feed may acquire.

    Attributes:
        session: as given.
        meter: measures fps, latency and dropped frames.
        timeline: of the last minutes.
        results: records numbers on request.
        clip: records the annotated video on request.
        failures: number of frames that could not be analyzed and were returned unchanged.
    """

    def __init__(self, session: LiveSession, slots: LiveSlots) -> None:
        self.session = session
        self.meter = LiveMeter()
        self.timeline = LiveTimelineRecorder()
        self.results = ResultRecorder()
        self.clip = ClipRecorder()
        self.failures = 0
        self._slots = slots
        self._lock = threading.Lock()
        self._overlay = Overlay()

    @property
    def overlay(self) -> Overlay:
        """How the next frame is annotated."""
        with self._lock:
            return self._overlay

    @overlay.setter
    def overlay(self, overlay: Overlay) -> None:
        with self._lock:
            self._overlay = overlay

    @property
    def is_recording(self) -> bool:
        """Whether results or the video are being recorded."""
        return self.results.is_recording or self.clip.is_recording

    def on_frame(self, arrived: ArrivedFrame) -> av.VideoFrame:
        """Returns the annotated frame; called on the stream's thread."""
        self._slots.renew(self)
        try:
            image = np.asarray(arrived.frame.to_ndarray(format="rgb24", threads=1), np.uint8)
            result = self.session.process(image, arrived.arrived_s)
            overlay = self.overlay
            drawn = draw_faces(
                image,
                result.analysis.faces,
                threshold=result.analysis.threshold,
                numbers=[face.track_id for face in result.analysis.faces],
                style=overlay.style,
                mirror=overlay.mirror,
            )
            frame = av.VideoFrame.from_ndarray(drawn, format="rgb24")
            self.meter.add(
                arrived_s=arrived.arrived_s,
                done_s=time.monotonic(),
                latency_ms=result.latency_ms,
                dropped=arrived.dropped,
            )
            self.timeline.add(result)
            self.results.add(result)
            self.clip.add(drawn, arrived.arrived_s)
        except Exception:
            # An exception here would end the stream's thread and thus the video.
            self.failures += 1
            if self.failures == 1:
                _logger.exception("A frame of the live video could not be analyzed")
            return arrived.frame
        return frame

    def on_ended(self) -> None:
        """Releases the slot and finishes recordings; called on any thread."""
        self._slots.release(self)
        self.results.stop()
        self.clip.stop()


@st.cache_resource(
    scope="session",
    max_entries=8,
    show_spinner="Preparing model and detector…",
    hash_funcs=BY_FINGERPRINT,
)
def live_analyzer(card: RunnableCard, detector: str) -> Analyzer:
    """Returns this session's analyzer for live video, warmed up."""
    return Analyzer(classifier_of(card), new_detector(detector, longest_side=LIVE_SIDE))


def live_feed(analyzer: Analyzer, settings: LiveSettings, overlay: Overlay) -> CameraFeed:
    """Returns this session's feed with these settings, which apply to a running video at once."""
    if _STATE_KEY not in st.session_state:
        st.session_state[_STATE_KEY] = CameraFeed(LiveSession(analyzer), live_slots())
    feed: CameraFeed = st.session_state[_STATE_KEY]
    feed.session.configure(analyzer=analyzer, settings=settings)
    feed.overlay = overlay
    return feed


def update_feed(what: Callable[[CameraFeed], None]) -> None:
    """Applies a function to this session's feed; for callbacks of buttons.

    Streamlit keeps the callback of a button. If that referred to a feed, recordings would stay in
    memory.
    """
    feed: CameraFeed | None = st.session_state.get(_STATE_KEY)
    if feed is not None:
        what(feed)
