"""What stands beside the live video, twice a second."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit_webrtc.component import WebRtcStreamerState

from fer_core.analysis import FaceResult
from fer_core.live import FrameResult
from pages.components.camera import CameraFeed
from pages.components.faces import verdict

STALE_AFTER_S = 3.0
SLOW_AFTER_S = 10.0
FACES_SHOWN = 4


def show_live_panel(feed: CameraFeed, state: WebRtcStreamerState) -> None:
    """Draws the panel, and draws it again while the video connects or plays."""
    active = state.playing or state.signalling
    started = st.session_state.setdefault("live_started", time.monotonic())
    if not active:
        del st.session_state["live_started"]
    refresh = st.fragment(_panel, run_every=0.5 if active else None)
    refresh(feed, active, started)


def _panel(feed: CameraFeed, active: bool, started: float) -> None:
    now = time.monotonic()
    result = feed.session.latest
    if not active:
        st.info("The results appear here once the video runs.", icon=":material/play_circle:")
    elif result is not None and now - result.timestamp_s < STALE_AFTER_S:
        _show_result(feed, result)
    elif now - started < SLOW_AFTER_S:
        st.info("Connecting to your camera…", icon="spinner")
    else:
        st.warning(
            "The browser and this app cannot send each other video. Usually they are in different "
            "networks, or a firewall stops it; then whoever runs this app can name a relay server "
            "(`FER_ICE_SERVERS`, see the README). Choose “Single picture” above: it needs no "
            "such connection.",
            title="The video does not connect",
            icon=":material/videocam_off:",
        )
    if feed.failures:
        st.caption(f":material/warning: {feed.failures} frames could not be analyzed.")


def _show_result(feed: CameraFeed, result: FrameResult) -> None:
    with st.container(horizontal=True):
        st.metric("Frames a second", f"{feed.session.fps():.0f}")
        st.metric("For one frame", f"{result.latency_ms:.0f} ms")
        st.metric("Faces", len(result.analysis.faces))
    faces = result.analysis.faces[:FACES_SHOWN]
    if not faces:
        st.caption("No face in the picture. Look at the camera, with light from the front.")
        return
    for number, face in enumerate(faces, 1):
        st.markdown(verdict(number, face, result.threshold))
    frame = probability_table(faces)
    bar = st.column_config.ProgressColumn(format="percent", max_value=1.0)
    st.dataframe(
        frame,
        alt="Probability of each expression for each face",
        column_config=dict.fromkeys(frame.columns, bar),
    )
    if len(result.analysis.faces) > FACES_SHOWN:
        st.caption(f"The other {len(result.analysis.faces) - FACES_SHOWN} are on the video.")


def probability_table(faces: Sequence[FaceResult]) -> pd.DataFrame:
    """Returns one row per label and one column per face."""
    return pd.DataFrame(
        {f"Face {number}": face.probabilities for number, face in enumerate(faces, 1)},
        index=pd.Index(faces[0].labels, name="expression"),
    )
