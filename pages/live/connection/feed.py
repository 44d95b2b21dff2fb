"""Between the browser's camera and a live session: frames in, drawn frames out."""

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
from fer_core.zoo import ModelCard
from pages.live.connection.stream import ArrivedFrame
from pages.pickers import BY_FINGERPRINT, classifier_of, new_detector
from pages.visit import LiveSlots, live_slots

VIDEO: Final = {
    "video": {
        "width": {"ideal": 640},
        "height": {"ideal": 480},
        "frameRate": {"ideal": 25, "max": 30},
    },
    "audio": False,
}
"""What the browser is asked for."""

_STATE_KEY: Final = "live_feed"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Overlay:
    """How results are drawn on the video.

    Attributes:
        style: how much is drawn.
        mirror: show the picture as in a mirror.
    """

    style: OverlayStyle = "full"
    mirror: bool = True


class CameraFeed:
    """One visitor's live picture and what is kept of it. Outlives a connection.

    Args:
        session: analyzes the frames.
        slots: where the place is held that this feed may have.

    Attributes:
        session: as given.
        meter: how well it keeps up.
        timeline: the last minutes.
        results: records numbers when asked to.
        clip: records the drawn picture when asked to.
        failures: frames that could not be analyzed and went back as they came.
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
        """How the next frame is drawn on."""
        with self._lock:
            return self._overlay

    @overlay.setter
    def overlay(self, overlay: Overlay) -> None:
        with self._lock:
            self._overlay = overlay

    @property
    def is_recording(self) -> bool:
        """Whether results or the picture are being recorded."""
        return self.results.is_recording or self.clip.is_recording

    def on_frame(self, arrived: ArrivedFrame) -> av.VideoFrame:
        """Returns the frame with what was found drawn on it; called on the stream's thread."""
        self._slots.renew(self)
        try:
            image = np.asarray(arrived.frame.to_ndarray(format="rgb24"), np.uint8)
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
            # An exception here would end the stream's thread, and with it the video, for good.
            self.failures += 1
            if self.failures == 1:
                _logger.exception("A frame of the live video could not be analyzed")
            return arrived.frame
        return frame

    def on_ended(self) -> None:
        """Gives the place back and finishes what is being recorded; called on any thread."""
        self._slots.release(self)
        self.results.stop()
        self.clip.stop()


@st.cache_resource(
    scope="session",
    max_entries=8,
    show_spinner="Preparing model and detector…",
    hash_funcs=BY_FINGERPRINT,
)
def live_analyzer(card: ModelCard, detector: str) -> Analyzer:
    """Returns this session's analyzer for live pictures, warmed up."""
    return Analyzer(classifier_of(card), new_detector(detector, longest_side=LIVE_SIDE))


def live_feed(analyzer: Analyzer, settings: LiveSettings, overlay: Overlay) -> CameraFeed:
    """Returns this session's feed with these settings, which a running video takes up at once."""
    if _STATE_KEY not in st.session_state:
        st.session_state[_STATE_KEY] = CameraFeed(LiveSession(analyzer), live_slots())
    feed: CameraFeed = st.session_state[_STATE_KEY]
    feed.session.configure(analyzer=analyzer, settings=settings)
    feed.overlay = overlay
    return feed


def update_feed(what: Callable[[CameraFeed], None]) -> None:
    """Tells this session's feed something, as the callback of a button.

    Streamlit keeps what a button calls, and with a feed all that was recorded; so a button knows
    only this function.
    """
    feed: CameraFeed | None = st.session_state.get(_STATE_KEY)
    if feed is not None:
        what(feed)
