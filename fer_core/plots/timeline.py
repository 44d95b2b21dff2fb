"""Figures of the timelines of a clip and of a live session."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from fer_core.labels import COLORS, color_of
from fer_core.live import LiveTimeline
from fer_core.plots.figure_style import GRID, TRANSPARENT
from fer_core.recognition import UNCERTAIN
from fer_core.video import VideoTimeline

_ROW_PX: Final = 44
_LIVE_ROW_PX: Final = 34
_LIVE_FACES: Final = 10
_LIVE_SPANS_S: Final = (15, 30, 60, 120, 180)

MAX_FACES_DRAWN: Final = 25
"""Limit on the rows of an events figure: every cut in a film starts new tracks."""


def events_figure(timeline: VideoTimeline) -> go.Figure:
    """Draws the events by face: one row per face, one bar per event, in the label's color.

    With more than `MAX_FACES_DRAWN` faces, only those whose events last longest are drawn.
    """
    seconds: dict[int, float] = {}
    for event in timeline.events():
        seconds[event.track] = seconds.get(event.track, 0.0) + event.end_s - event.start_s
    drawn = sorted(seconds, key=lambda track: -seconds[track])[:MAX_FACES_DRAWN]
    events = [event for event in timeline.events() if event.track in drawn]
    figure = go.Figure()
    for label in timeline.labels:
        mine = [event for event in events if event.label == label]
        if not mine:
            continue
        figure.add_bar(
            base=[event.start_s for event in mine],
            x=[event.end_s - event.start_s for event in mine],
            y=[f"Face {event.track}" for event in mine],
            orientation="h",
            name=label,
            marker={"color": color_of(label), "line_width": 0},
            customdata=[[event.start_s, event.end_s, event.peak] for event in mine],
            hovertemplate=(
                f"<b>{label}</b> from %{{customdata[0]:.1f}} to %{{customdata[1]:.1f}} s<br>"
                "peak %{customdata[2]:.0%}<extra></extra>"
            ),
        )
    rows = list(dict.fromkeys(f"Face {event.track}" for event in events))
    figure.update_yaxes(categoryorder="array", categoryarray=rows[::-1], fixedrange=True)
    figure.update_layout(barmode="overlay")
    return _finish(figure, timeline, height=110 + _ROW_PX * len(rows))


def probability_areas_figure(timeline: VideoTimeline, track: int) -> go.Figure:
    """Draws one face's distribution over time as stacked areas that add up to 1."""
    mix = timeline.mix_over_time(track)
    figure = go.Figure()
    for label in timeline.labels:
        figure.add_scatter(
            x=mix["timestamp_s"],
            y=mix[f"p_{label}"],
            name=label,
            mode="lines",
            stackgroup="expressions",
            stackgaps="infer zero",
            line={"width": 0.5, "color": color_of(label)},
            hovertemplate="%{y:.0%}",
        )
    figure.update_xaxes(rangeslider={"visible": True, "thickness": 0.12})
    figure.update_yaxes(
        title="Probability", range=[0, 1], tickformat=".0%", gridcolor=GRID, fixedrange=True
    )
    figure.update_layout(hovermode="x unified")
    return _finish(figure, timeline, height=360)


def timeline_bars(timeline: LiveTimeline) -> go.Figure:
    """Draws one row per face with a bar per label segment, for the ten newest faces.

    Args:
        timeline: at least one segment.
    """
    shown = timeline.track_ids[-_LIVE_FACES:]
    by_label: dict[str, list[tuple[int, float, float, float]]] = {}
    for segment in timeline.segments:
        if segment.track_id in shown:
            begins_s = segment.start_s - timeline.now_s
            length_s = segment.end_s - segment.start_s
            row = (segment.track_id, begins_s, length_s, segment.confidence)
            by_label.setdefault(segment.label, []).append(row)
    figure = go.Figure()
    for label in sorted(by_label, key=_place_in_legend):
        ids, begins, lengths, confidences = zip(*by_label[label], strict=True)
        figure.add_bar(
            name=label,
            y=[f"Face {track_id}" for track_id in ids],
            base=begins,
            x=lengths,
            orientation="h",
            width=0.7,
            marker={"color": color_of(label), "line_width": 0},
            customdata=confidences,
            hovertemplate=f"{label}, %{{customdata:.0%}}<br>for %{{x:.1f}} s<extra>%{{y}}</extra>",
        )
    oldest_s = timeline.now_s - min(segment.start_s for segment in timeline.segments)
    span_s = next((span for span in _LIVE_SPANS_S if span >= oldest_s), _LIVE_SPANS_S[-1])
    figure.update_layout(
        barmode="overlay",
        height=90 + _LIVE_ROW_PX * len(shown),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": "Seconds ago", "range": [-span_s, 0], "fixedrange": True},
        yaxis={
            "categoryorder": "array",
            "categoryarray": [f"Face {track_id}" for track_id in reversed(shown)],
            "fixedrange": True,
        },
        dragmode=False,
    )
    return figure


def _finish(figure: go.Figure, timeline: VideoTimeline, *, height: int) -> go.Figure:
    times = timeline.frame_timestamp_s
    length_s = timeline.clip.duration_s or (float(times[-1]) if len(times) else 0.0)
    figure.update_xaxes(
        title="Seconds from the start", range=[0, max(length_s, 0.1)], gridcolor=GRID
    )
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def _place_in_legend(label: str) -> tuple[bool, int]:
    known = list(COLORS)
    return label == UNCERTAIN, known.index(label) if label in known else len(known)
