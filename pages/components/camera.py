"""Between the browser's camera and a live session: frames in, drawn frames out."""

from __future__ import annotations

import json
import logging
import os
import time
from typing import Any, Final

import av
import numpy as np
import streamlit as st

from fer_core.analysis import Analyzer
from fer_core.cards import ModelCard
from fer_core.drawing import draw_faces
from fer_core.errors import FerError
from fer_core.faces import LIVE_SIDE
from fer_core.live import LiveSession
from pages.components.detectors import new_detector
from pages.components.models import classifier_of

VIDEO: Final = {
    "video": {"width": {"ideal": 640}, "frameRate": {"ideal": 15, "max": 24}},
    "audio": False,
}
"""What the browser is asked for."""

_STATE_KEY: Final = "live_feed"

_logger = logging.getLogger(__name__)


class CameraFeed:
    """Runs every frame through a live session. Called on a thread of the media library.

    Attributes:
        session: analyzes the frames.
        failures: frames that could not be analyzed and went back as they came.
    """

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self.failures = 0

    def on_frame(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Returns the frame with what was found drawn on it."""
        try:
            image = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            result = self.session.process(image, time.monotonic())
            drawn = draw_faces(image, result.analysis.faces, threshold=result.threshold)
            return av.VideoFrame.from_ndarray(drawn, format="rgb24")
        except Exception:
            # An exception here would end the media thread, and with it the video, for good.
            self.failures += 1
            if self.failures == 1:
                _logger.exception("A frame of the live video could not be analyzed")
            return frame


def live_analyzer(card: ModelCard, detector: str) -> Analyzer:
    """Returns this session's analyzer for live pictures, warmed up."""
    return _live_analyzer(card.name, card.weights.sha256, detector, card)


def live_feed(analyzer: Analyzer, threshold: float) -> CameraFeed:
    """Returns this session's feed with these settings, which a running video takes up at once."""
    if _STATE_KEY not in st.session_state:
        st.session_state[_STATE_KEY] = CameraFeed(LiveSession(analyzer))
    feed: CameraFeed = st.session_state[_STATE_KEY]
    feed.session.configure(analyzer=analyzer, threshold=threshold)
    return feed


@st.cache_resource(scope="session", max_entries=8, show_spinner="Preparing model and detector…")
def _live_analyzer(model: str, checksum: str, detector: str, _card: ModelCard) -> Analyzer:
    return Analyzer(classifier_of(_card), new_detector(detector, longest_side=LIVE_SIDE))


def ice_servers() -> list[dict[str, Any]]:
    """Returns the STUN and TURN servers to connect through; none unless somebody names them.

    They stand as a JSON list in the environment variable `FER_ICE_SERVERS`, or as `ice_servers` in
    Streamlit's secrets. Without any the video still connects on one machine and in one network,
    and no third party learns of it.

    Raises:
        FerError: the setting is no list of servers with `urls`.
    """
    named = os.environ.get("FER_ICE_SERVERS")
    try:
        servers = json.loads(named) if named else _from_secrets()
        return [dict(server) | {"urls": server["urls"]} for server in servers]
    except (KeyError, TypeError, ValueError) as error:
        raise FerError(
            'FER_ICE_SERVERS must be a JSON list like [{"urls": "stun:stun.example.org"}]. '
            f"Received: {named!r}"
        ) from error


def _from_secrets() -> list[dict[str, Any]]:
    try:
        return list(st.secrets["ice_servers"])
    except (FileNotFoundError, KeyError):
        return []
