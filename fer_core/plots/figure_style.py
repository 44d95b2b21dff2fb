"""Colors, error bars and layout that figures share.

Figures compute nothing: every number comes from the data object they draw. Backgrounds are
transparent and text has no color of its own, so a figure suits the light and the dark theme.
An emotion has the same color everywhere (`labels.color_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from fer_core.evaluation import ClassificationMetrics, Interval
from fer_core.labels import GRAY, color_of

MODEL_COLORS: Final = (
    "#4c78d0",
    "#e07a3f",
    "#3f9f7f",
    "#c4527f",
    "#9a7bd0",
    "#b8902a",
    "#cf3f3f",
    "#8b8f9c",
)
"""One color per model in drawing order, legible on light and dark backgrounds."""

DASHES: Final = ("solid", "dash", "dot", "dashdot")
"""Line patterns: when the colors are used up, they repeat with the next pattern."""

TRANSPARENT: Final = "rgba(0,0,0,0)"
GRID: Final = "rgba(128,128,128,0.25)"
_LEGEND_ROW: Final = 24


def class_scores_figure(
    metrics: ClassificationMetrics, score: Literal["precision", "recall", "f1"] = "f1"
) -> go.Figure:
    """Draws one score of every class with its 95% interval."""
    intervals: list[Interval] = [getattr(each, score) for each in metrics.per_class.values()]
    figure = go.Figure(
        go.Bar(
            x=list(metrics.per_class),
            y=[interval.value for interval in intervals],
            error_y=error_bars(intervals, GRAY),
            marker={
                "color": [color_of(label) for label in metrics.per_class],
                "opacity": 0.6,
                "line_width": 0,
            },
            customdata=[
                [interval.percent(), scores.support]
                for interval, scores in zip(intervals, metrics.per_class.values(), strict=True)
            ],
            hovertemplate="%{x}: %{customdata[0]}<br>%{customdata[1]} rows<extra></extra>",
        )
    )
    title = "F1" if score == "f1" else score.capitalize()
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(
        title=title,
        range=[0, 1],
        tickformat=".0%",
        gridcolor=GRID,
        zeroline=False,
        fixedrange=True,
    )
    return finish(figure, height=360)


def model_color(index: int) -> str:
    """Returns the color of the model at position `index` (from 0) in drawing order."""
    return MODEL_COLORS[index % len(MODEL_COLORS)]


def model_line(index: int, *, width: float = 2.0) -> dict[str, Any]:
    """Returns a model's line style for plotly; the first 32 all differ.

    Args:
        index: of the model in drawing order, from 0.
        width: in pixels.
    """
    dash = DASHES[index // len(MODEL_COLORS) % len(DASHES)]
    return {"color": model_color(index), "width": width, "dash": dash}


def error_bars(intervals: Sequence[Interval], color: str) -> dict[str, Any]:
    """Returns the error bars of intervals for plotly."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - interval.value for interval in intervals],
        "arrayminus": [interval.value - interval.low for interval in intervals],
        "color": color,
    }


def figure_of(traces: Sequence[BaseTraceType], *, height: int, **layout: Any) -> go.Figure:
    """Makes a figure in one step, with narrow margins and a transparent background.

    For figures that are redrawn whenever a slider moves: adding to a figure step by step takes
    plotly ten times as long.

    Args:
        traces: to draw.
        height: in pixels.
        **layout: further layout options.
    """
    ground = {"paper_bgcolor": TRANSPARENT, "plot_bgcolor": TRANSPARENT}
    margin = {"l": 10, "r": 10, "t": 30, "b": 10}
    return go.Figure(list(traces), {"height": height, "margin": margin, **ground, **layout})


def legend_below(rows: int) -> dict[str, Any]:
    """Returns a layout with the legend below the figure, and a margin with room for it.

    On a phone, a legend above or beside the figure would leave no room for it.

    Args:
        rows: of the legend on a phone: one per trace.
    """
    return {
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        "margin": {"l": 10, "r": 10, "t": 30, "b": 30 + _LEGEND_ROW * rows},
    }


def finish(figure: go.Figure, *, height: int) -> go.Figure:
    """Sets a figure's height in pixels, narrow margins and a transparent background."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
    )
    return figure
