"""The timeline of a video: expressions of each tracked face over time."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from fer_core.plots import MAX_FACES_DRAWN, events_figure, probability_areas_figure
from fer_core.video import THUMBNAIL_SIDE, Event, PeakFaces, VideoTimeline
from pages.widgets import column_titles, download_csv, percent_bar, section, show_table

THUMBNAILS_PER_PAGE = 12


def show_timeline(timeline: VideoTimeline, peaks: PeakFaces, *, name: str) -> None:
    """Shows a timeline with its figures, tables and downloads."""
    faces = len(timeline.tracks)
    st.subheader(f"{faces} {'face' if faces == 1 else 'faces'} tracked")
    _show_counts(timeline)
    if not faces:
        st.info(
            "Detection works best for faces that look at the camera and are lit from the front. "
            "Try the other face detector.",
            title="No face found in this video",
            icon=":material/face_retouching_off:",
        )
        return
    events = timeline.events()
    if timeline.sampling.notice is not None:
        st.info(timeline.sampling.notice, icon=":material/timelapse:")
    if events:
        words = "; ".join(f"face {event.track} {event}" for event in events[:10])
        _show_zoomable(events_figure(timeline), key="upload_events_figure", alt=f"Events: {words}")
        if len({event.track for event in events}) > MAX_FACES_DRAWN:
            st.caption(f"Only the {MAX_FACES_DRAWN} faces with the longest events are drawn.")
        _show_peaks(events, peaks)
        table = timeline.events_frame()
        titles = column_titles(table)
        st.dataframe(
            table,
            hide_index=True,
            key="upload_events",
            alt="One row per event: face, expression, times",
            column_order=[name for name in table.columns if name not in timeline.run],
            column_config=titles
            | {
                name: st.column_config.NumberColumn(titles[name], format="%.1f")
                for name in ("start_s", "end_s", "peak_s")
            }
            | {
                "peak": percent_bar(titles["peak"]),
            },
        )
        download_csv(
            table,
            key="upload_events_csv",
            file_name=f"{name}-events.csv",
            label="Download events (CSV)",
        )
    elif (detectable_s := timeline.sampling.detectable_s) is not None:
        st.info(
            f"No expression stayed above the threshold for {detectable_s:.1f} s or longer.",
            icon=":material/hourglass_empty:",
        )
    _show_mix(timeline)
    st.subheader("All frames")
    frame = timeline.to_frame()
    st.caption(f"{len(frame)} rows, one per face and frame, with smoothed probabilities.")
    download_csv(
        frame, key="upload_video_csv", file_name=f"{name}-faces.csv", label="Download rows (CSV)"
    )


def _show_counts(timeline: VideoTimeline) -> None:
    counts = timeline.counts
    st.caption(f"{counts.decoded} frames read, {len(timeline.frame_index)} of them analyzed.")
    if counts.dropped:
        st.warning(
            f"{counts.dropped} of {counts.total} frames could not be read: the file is damaged or "
            "truncated. All other frames were analyzed.",
            icon=":material/broken_image:",
        )
    for notice in timeline.notices:
        st.warning(notice, icon=":material/info:")


@section
def _show_peaks(events: Sequence[Event], peaks: PeakFaces) -> None:
    shown = [(event, peak) for event in events if (peak := peaks.of(event)) is not None]
    pages = -(-len(shown) // THUMBNAILS_PER_PAGE)
    page = st.pagination(pages, key="upload_peaks_page") if pages > 1 else 1
    on_page = shown[(page - 1) * THUMBNAILS_PER_PAGE : page * THUMBNAILS_PER_PAGE]
    words = [f"face {event.track}: {event.label} at {event.peak_s:.1f} s" for event, _ in on_page]
    st.image(
        [peak.thumbnail for _, peak in on_page],
        width=THUMBNAIL_SIDE,
        caption=words,
        alt=words,
    )
    if left_out := events[len(shown) :]:
        st.caption(
            "Without a picture, to limit memory: all events from "
            f"{left_out[0].start_s:.1f} s ({len(left_out)})."
        )


def _show_mix(timeline: VideoTimeline) -> None:
    st.subheader("Expressions over time")
    track = timeline.tracks[0]
    if len(timeline.tracks) > 1:
        track = st.selectbox(
            "Face", timeline.tracks, format_func="Face {}".format, key="upload_track"
        )
    mixes = timeline.mixes_frame()
    mix = mixes[mixes["track_id"] == track].iloc[0]
    shares = sorted(((mix[f"p_{label}"], label) for label in timeline.labels), reverse=True)
    words = ", ".join(f"{label} {share:.1%}" for share, label in shares if share >= 0.0005)
    st.markdown(
        f"Visible from {mix['first_s']:.1f} to {mix['last_s']:.1f} s. Mean probabilities: {words}"
    )
    _show_zoomable(
        probability_areas_figure(timeline, track),
        key="upload_mix",
        alt=f"Face {track} over time: {words}",
    )
    st.caption("Drag to zoom in, double-click to reset.")
    show_table(
        timeline.mix_over_time(track).assign(**timeline.run),
        key="upload_mix",
        alt="Probabilities over time",
    )
    show_table(
        mixes,
        key="upload_mixes",
        alt="Mean probabilities of each face",
        label="Mean probabilities by face",
    )


def _show_zoomable(figure: go.Figure, *, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, alt=alt, config={"displaylogo": False, "responsive": True})
