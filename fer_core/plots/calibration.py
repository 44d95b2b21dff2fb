"""Figures of calibration and selective prediction: reliability, thresholds, risk and coverage."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go

from fer_core.evaluation.reliability import (
    Reliability,
    RiskCoverage,
    SelectiveScores,
    ThresholdSweep,
)
from fer_core.labels import GRAY
from fer_core.plots.figure_style import GRID, MODEL_COLORS, figure_of

_FIRST, _SECOND = MODEL_COLORS[:2]
_POINTS_DRAWN: Final = 500
_DASHED: Final = {"color": GRAY, "dash": "dash", "width": 1}
_VERTICAL: Final = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": _DASHED}
_HORIZONTAL: Final = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": _DASHED}
_SHARE: Final = {"tickformat": ".0%", "gridcolor": GRID, "zeroline": False, "fixedrange": True}


def reliability_figure(
    reliability: Reliability, *, confidence_title: str, accuracy_title: str
) -> go.Figure:
    """Draws a reliability diagram with the number of rows per bin below it.

    A calibrated model lies on the dashed line, an overconfident one below it.

    Args:
        reliability: what to draw.
        confidence_title: title of the horizontal axis.
        accuracy_title: title of the vertical axis.
    """
    width = reliability.high - reliability.low
    bins = {"x": (reliability.high + reliability.low) / 2, "width": width * 0.94}
    has_rows = reliability.count > 0
    traces = [
        go.Bar(
            **bins,
            y=reliability.accuracy,
            marker={"color": _FIRST, "opacity": 0.45, "line_width": 0},
            customdata=reliability.count,
            hovertemplate=f"{accuracy_title} %{{y:.1%}}<br>%{{customdata}} rows<extra></extra>",
        ),
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=_DASHED, hoverinfo="skip"),
        go.Scatter(
            x=reliability.confidence[has_rows],
            y=reliability.accuracy[has_rows],
            mode="lines+markers",
            line={"color": _FIRST, "width": 2},
            hovertemplate=f"{confidence_title} %{{x:.1%}}, {accuracy_title.lower()} %{{y:.1%}}"
            "<extra></extra>",
        ),
        go.Bar(
            **bins,
            y=reliability.count,
            marker={"color": GRAY, "opacity": 0.6, "line_width": 0},
            hovertemplate="%{y} rows<extra></extra>",
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    share = {"range": [0, 1], **_SHARE}
    rows = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "nticks": 4}
    return figure_of(
        traces,
        height=440,
        xaxis={**share, "matches": "x2", "showticklabels": False},
        yaxis={**share, "title": {"text": accuracy_title}, "domain": [0.32, 1]},
        xaxis2={**share, "title": {"text": confidence_title}, "anchor": "y2"},
        yaxis2={**rows, "title": {"text": "Rows"}, "domain": [0, 0.26], "anchor": "x2"},
        showlegend=False,
        barmode="overlay",
    )


def threshold_figure(sweep: ThresholdSweep, threshold: float) -> go.Figure:
    """Draws coverage and selective accuracy by threshold; a line marks the chosen threshold."""
    curves = (("Coverage", sweep.coverage), ("Selective accuracy", sweep.accuracy))
    traces = [
        go.Scatter(
            x=sweep.threshold,
            y=values,
            mode="lines",
            name=name,
            line={"color": color, "width": 2},
            hovertemplate="%{y:.1%}",
        )
        for (name, values), color in zip(curves, (_SECOND, _FIRST), strict=True)
    ]
    return figure_of(
        traces,
        height=380,
        xaxis={"title": {"text": "Threshold"}, "range": [0, 1], **_SHARE},
        yaxis={"range": [0, 1.02], **_SHARE},
        shapes=[{**_VERTICAL, "x0": threshold, "x1": threshold}],
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.14},
    )


def risk_coverage_figure(curve: RiskCoverage, chosen: SelectiveScores) -> go.Figure:
    """Draws the risk-coverage curve, with the chosen threshold marked.

    The dashed line is the risk of abstaining at random. Long curves are thinned to what a screen
    can show.
    """
    points = np.unique(np.linspace(0, len(curve.risk) - 1, _POINTS_DRAWN).round().astype(int))
    traces = [
        go.Scatter(
            x=curve.coverage[points],
            y=curve.risk[points],
            mode="lines",
            line={"color": _FIRST, "width": 2},
            customdata=curve.threshold[points],
            hovertemplate="coverage %{x:.1%}, risk %{y:.1%}<br>threshold %{customdata:.1%}"
            "<extra></extra>",
        )
    ]
    if chosen.accuracy is not None:
        traces.append(
            go.Scatter(
                x=[chosen.coverage],
                y=[1 - chosen.accuracy.value],
                mode="markers",
                marker={"symbol": "diamond", "size": 12, "color": _SECOND},
                hovertemplate="chosen threshold: coverage %{x:.1%}, risk %{y:.1%}<extra></extra>",
            )
        )
    random = float(curve.risk[-1])
    return figure_of(
        traces,
        height=380,
        xaxis={"title": {"text": "Coverage"}, "range": [0, 1], **_SHARE},
        yaxis={
            "title": {"text": "Risk (error rate)"},
            "rangemode": "tozero",
            **_SHARE,
        },
        shapes=[{**_HORIZONTAL, "y0": random, "y1": random}],
        showlegend=False,
    )
