"""The panel next to the live video: status and results, updated about every 0.7 s."""

from __future__ import annotations

import time

import pandas as pd
import streamlit as st

from fer_core.live import FrameResult
from fer_core.recognition import Faces
from pages.live.connection import ADVICE, LOOK_EVERY_S, CameraFeed, Failure, LiveAttempt
from pages.session import live_slots
from pages.shared import verdict
from pages.widgets import percent_bar

STALE_AFTER_S = 3.0
FACES_SHOWN = 4
SNAPSHOT = "Snapshot"


def show_live_panel(feed: CameraFeed, attempt: LiveAttempt | None) -> None:
    """Draws the panel, and refreshes it while an attempt is active."""
    if attempt is None:
        st.info("The results appear here once the video runs.", icon=":material/play_circle:")
    elif attempt.failure is not None:
        show_failure(attempt.failure)
    else:
        st.fragment(_panel, run_every=LOOK_EVERY_S)(feed, attempt)


def show_failure(failure: Failure) -> None:
    """Shows why there is no video, and alternatives."""
    advice = ADVICE[failure]
    st.warning(advice.text, title=advice.title, icon=advice.icon)
    _offer_other_ways()


def _offer_other_ways() -> None:
    st.caption("Alternatives:")
    with st.container(horizontal=True):
        st.button(
            "Take a snapshot",
            icon=":material/photo_camera:",
            key="live_take_snapshot",
            on_click=_choose_snapshot,
        )
        st.page_link("upload/upload.py", label="Upload a photo", icon=":material/upload:")


def _choose_snapshot() -> None:
    st.session_state["live_mode"] = SNAPSHOT


def _panel(feed: CameraFeed, attempt: LiveAttempt) -> None:
    live_slots().renew(feed)
    attempt.look()
    attempt.notice_end()
    if attempt.is_overdue or attempt.phase in ("failed", "over"):
        st.rerun()
    if attempt.phase == "asking":
        _show_asking(attempt)
        return
    result = feed.session.latest
    oldest_s = max(attempt.started_s, time.monotonic() - STALE_AFTER_S)
    if result is not None and result.timestamp_s > oldest_s:
        _show_result(feed, result)
    elif attempt.phase == "connecting" or attempt.has_just_begun:
        st.info(f"{_broke_off(attempt)}Connecting…", icon="spinner")
    else:
        st.info(
            "No frames from the camera. Is it covered or switched off, or is this tab in the "
            "background?",
            icon=":material/hourglass_empty:",
        )
    if feed.failures:
        st.caption(f":material/warning: {feed.failures} frames could not be analyzed.")


def _show_asking(attempt: LiveAttempt) -> None:
    if not attempt.waits_for_permission:
        st.info(f"{_broke_off(attempt)}Waiting for your camera…", icon="spinner")
        return
    st.info(
        "Your browser asks whether this page may use the camera, usually near the address bar: "
        "choose Allow.",
        title="Waiting for permission",
        icon=":material/touch_app:",
    )
    _offer_other_ways()


def _broke_off(attempt: LiveAttempt) -> str:
    return "Connection lost. " if attempt.breaks else ""


def _show_result(feed: CameraFeed, result: FrameResult) -> None:
    rates = feed.meter.rates(time.monotonic())
    with st.container(horizontal=True):
        st.metric("FPS", f"{rates.fps:.0f}")
        st.metric(
            "Latency (p95)",
            f"{rates.age_ms_p95:.0f} ms",
            help="95th percentile from a frame's arrival to its result. Median: "
            f"{rates.age_ms_p50:.0f} ms, including {rates.latency_ms:.0f} ms for the models.",
        )
        st.metric(
            "Dropped frames",
            f"{rates.dropped:.1%}",
            help="Frames skipped because a newer one arrived while the app was busy: "
            f"{rates.dropped_total} since the start.",
        )
    if result.effort.is_reduced:
        st.caption(
            ":material/speed: This machine is busy: faces are detected only on every "
            f"{result.effort.detect_every}th frame, at {result.effort.detection_side} pixels."
        )
    faces = result.analysis.faces[:FACES_SHOWN]
    if not faces:
        st.caption("No face found. Face the camera, with light from the front.")
        return
    for face in faces:
        st.markdown(verdict(face.track_id, face, result.analysis.threshold))
    frame = probability_table(faces)
    bar = percent_bar()
    st.dataframe(
        frame,
        alt="Probability of each expression for each face",
        column_config={"_index": "Expression"} | dict.fromkeys(frame.columns, bar),
    )
    if len(result.analysis.faces) > FACES_SHOWN:
        st.caption(f"{len(result.analysis.faces) - FACES_SHOWN} more on the video.")


def probability_table(faces: Faces) -> pd.DataFrame:
    """Returns one row per label and one column per face."""
    return pd.DataFrame(
        {f"Face {face.track_id}": face.probabilities for face in faces},
        index=pd.Index(faces.labels, name="expression"),
    )
