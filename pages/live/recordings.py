"""Below the live video: a timeline of the last minutes, and optional recordings."""

from __future__ import annotations

import streamlit as st

from fer_core.live import LiveTimeline, ResultRecording
from fer_core.plots import timeline_bars
from pages.live.connection import CameraFeed, update_feed
from pages.widgets import show_figure, show_table


def show_timeline(feed: CameraFeed, *, is_running: bool) -> None:
    """Draws the last minutes of each face, updated every few seconds while the video runs."""
    st.fragment(_timeline, run_every=3.0 if is_running else None)(feed)
    # A snapshot from when it was opened: a file that keeps changing cannot be downloaded.
    show_table(
        lambda: _newest(feed).to_frame(),
        key="live_timeline",
        alt="Segments of one label, in seconds before now",
    )


def show_recording(feed: CameraFeed, *, is_running: bool) -> None:
    """Offers to record the results and, separately, the video; both stay in memory."""
    is_recording = feed.is_recording
    refresh = st.fragment(_recording, run_every=1.0 if is_recording else None)
    refresh(feed, is_running, is_recording)


def _timeline(feed: CameraFeed) -> None:
    timeline = _newest(feed)
    if not timeline.segments:
        st.caption("The apparent expressions of each face over time appear here.")
        return
    faces = len(timeline.track_ids)
    newest = {segment.track_id: segment.label for segment in timeline.segments}
    words = ", ".join(f"face {track_id} {label}" for track_id, label in newest.items())
    show_figure(
        timeline_bars(timeline),
        key="live_timeline",
        alt=f"Apparent expression of {faces} faces over the last minutes. Newest: {words}",
    )


def _newest(feed: CameraFeed) -> LiveTimeline:
    result = feed.session.latest
    return feed.timeline.snapshot(0.0 if result is None else result.timestamp_s)


def _recording(feed: CameraFeed, is_running: bool, was_recording: bool) -> None:
    if feed.is_recording != was_recording:
        st.rerun()
    numbers, video = st.columns(2, gap="medium")
    with numbers:
        _record_results(feed, is_running)
    with video:
        _record_video(feed, is_running)
    st.caption(
        "Recordings end when the video stops. They stay in this server's memory, for you alone, "
        "until you record again, or close or reload this tab. Download them after stopping."
    )


def _record_results(feed: CameraFeed, is_running: bool) -> None:
    if feed.results.is_recording:
        st.button(
            "Stop recording results",
            icon=":material/stop_circle:",
            key="live_results_stop",
            on_click=update_feed,
            args=(lambda feed: feed.results.stop(),),
        )
    else:
        st.button(
            "Record results",
            icon=":material/table_rows:",
            key="live_results_start",
            disabled=not is_running,
            on_click=update_feed,
            args=(lambda feed: feed.results.start(),),
            help="One row per face and frame: time, box, label, all probabilities. No images.",
        )
    recording = feed.results.recording()
    if recording is None:
        return
    st.caption(f"{recording.frames} frames, {len(recording)} rows")
    if feed.is_recording:
        return
    if recording.is_full:
        st.caption(":material/info: Recording stopped: the limit of rows is reached.")
    with st.container(horizontal=True):
        csv, json = _files(recording.started.isoformat(), recording.frames, recording)
        for label, kind, text in (("CSV", "text/csv", csv), ("JSON", "application/json", json)):
            st.download_button(
                f"Results as {label}",
                text,
                f"live_results.{label.lower()}",
                kind,
                key=f"live_results_{label.lower()}",
                icon=":material/download:",
                on_click="ignore",
            )


@st.cache_data(scope="session", max_entries=1, show_spinner=False)
def _files(started: str, frames: int, _recording: ResultRecording) -> tuple[str, str]:
    return _recording.to_csv(), _recording.to_json()


def _record_video(feed: CameraFeed, is_running: bool) -> None:
    if feed.clip.is_recording:
        st.button(
            "Stop recording video",
            icon=":material/stop_circle:",
            key="live_clip_stop",
            on_click=update_feed,
            args=(lambda feed: feed.clip.stop(),),
        )
        st.caption(":material/fiber_manual_record: The video is being recorded.")
    else:
        st.button(
            "Record video",
            icon=":material/fiber_manual_record:",
            key="live_clip_start",
            disabled=not is_running,
            on_click=update_feed,
            args=(lambda feed: feed.clip.start(),),
            help="The annotated video, up to three minutes or 50 MB. It shows faces: record only "
            "people who agree.",
        )
    clip = feed.clip.clip
    if clip is None or feed.is_recording:
        return
    if clip.is_full:
        st.caption(":material/info: Recording stopped: the limit is reached.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            f"Download MP4, {clip.seconds:.0f} s, {len(clip.data) / 1e6:.1f} MB",
            clip.data,
            "live.mp4",
            "video/mp4",
            key="live_clip_download",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="live_clip_delete",
            on_click=update_feed,
            args=(lambda feed: feed.clip.discard(),),
        )
