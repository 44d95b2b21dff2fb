"""Figure of the last minutes of a live session."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from fer_core.labels import COLORS, color_of
from fer_core.live import LiveTimeline
from fer_core.recognition import UNCERTAIN

_ROW_PX: Final = 34
_FACES_SHOWN: Final = 10
_NICE_SPANS_S: Final = (15, 30, 60, 120, 180)


def timeline_bars(timeline: LiveTimeline) -> go.Figure:
    """Draws one row per face with a bar per label segment, for the ten newest faces.

    Args:
        timeline: at least one segment.
    """
    shown = timeline.track_ids[-_FACES_SHOWN:]
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
    span_s = next((span for span in _NICE_SPANS_S if span >= oldest_s), _NICE_SPANS_S[-1])
    figure.update_layout(
        barmode="overlay",
        height=90 + _ROW_PX * len(shown),
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


def _place_in_legend(label: str) -> tuple[bool, int]:
    known = list(COLORS)
    return label == UNCERTAIN, known.index(label) if label in known else len(known)
