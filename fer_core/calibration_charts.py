"""Figures of calibration, and of what a threshold on the confidence costs and gives."""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fer_core.charts import GRID, MODEL_COLORS, finish
from fer_core.emotions import GRAY
from fer_core.evaluation.calibration import Reliability
from fer_core.evaluation.selective import RiskCoverage, SelectiveScores, ThresholdSweep

_FIRST, _SECOND = MODEL_COLORS[:2]
_POINTS_DRAWN: Final = 500
_DASHED: Final = {"color": GRAY, "dash": "dash", "width": 1}


def reliability_figure(
    reliability: Reliability, *, confidence_title: str, accuracy_title: str
) -> go.Figure:
    """Draws a reliability diagram, and under it how many rows each bin holds.

    Where the model is calibrated its points lie on the dashed line; below it is too sure.

    Args:
        reliability: what to draw.
        confidence_title: what the bins are of.
        accuracy_title: what is compared with it.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.06
    )
    width = reliability.high - reliability.low
    center = (reliability.high + reliability.low) / 2
    bins = {"x": center, "width": width * 0.94, "marker_line_width": 0}
    has_rows = reliability.count > 0
    figure.add_bar(
        **bins,
        y=reliability.accuracy,
        marker={"color": _FIRST, "opacity": 0.45},
        customdata=reliability.count,
        hovertemplate=f"{accuracy_title} %{{y:.1%}}<br>%{{customdata}} rows<extra></extra>",
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line=_DASHED, hoverinfo="skip", row=1, col=1
    )
    figure.add_scatter(
        x=reliability.confidence[has_rows],
        y=reliability.accuracy[has_rows],
        mode="lines+markers",
        line={"color": _FIRST, "width": 2},
        hovertemplate=f"{confidence_title} %{{x:.1%}}, {accuracy_title.lower()} %{{y:.1%}}"
        "<extra></extra>",
        row=1,
        col=1,
    )
    figure.add_bar(
        **bins,
        y=reliability.count,
        marker={"color": GRAY, "opacity": 0.6},
        hovertemplate="%{y} rows<extra></extra>",
        row=2,
        col=1,
    )
    share = {"range": [0, 1], "tickformat": ".0%"}
    figure.update_xaxes(**share, gridcolor=GRID, zeroline=False, fixedrange=True)
    figure.update_xaxes(title=confidence_title, row=2, col=1)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, fixedrange=True)
    figure.update_yaxes(title=accuracy_title, **share, row=1, col=1)
    figure.update_yaxes(title="Rows", nticks=4, row=2, col=1)
    figure.update_layout(showlegend=False, barmode="overlay")
    return finish(figure, height=440)


def threshold_figure(sweep: ThresholdSweep, threshold: float) -> go.Figure:
    """Draws coverage and accuracy of the answers over the threshold, which a line marks."""
    figure = go.Figure()
    curves = (("Answered", sweep.coverage), ("Right, of the answered", sweep.accuracy))
    for (name, values), color in zip(curves, (_SECOND, _FIRST), strict=True):
        figure.add_scatter(
            x=sweep.threshold,
            y=values,
            mode="lines",
            name=name,
            line={"color": color, "width": 2},
            hovertemplate="%{y:.1%}",
        )
    figure.add_vline(x=threshold, line=_DASHED)
    share = {"tickformat": ".0%", "gridcolor": GRID, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(title="Threshold", range=[0, 1], **share)
    figure.update_yaxes(range=[0, 1.02], **share)
    figure.update_layout(hovermode="x unified", legend={"orientation": "h", "y": 1.14})
    return finish(figure, height=380)


def risk_coverage_figure(curve: RiskCoverage, chosen: SelectiveScores) -> go.Figure:
    """Draws the risk over the coverage, with the chosen threshold marked.

    The dashed line is the risk of answering faces picked at random. Of a long curve only as many
    points are drawn as a screen can show.
    """
    figure = go.Figure()
    points = np.unique(np.linspace(0, len(curve.risk) - 1, _POINTS_DRAWN).round().astype(int))
    figure.add_scatter(
        x=curve.coverage[points],
        y=curve.risk[points],
        mode="lines",
        line={"color": _FIRST, "width": 2},
        customdata=curve.threshold[points],
        hovertemplate="%{x:.1%} answered, %{y:.1%} of them wrong<br>threshold %{customdata:.1%}"
        "<extra></extra>",
    )
    figure.add_hline(y=curve.risk[-1], line=_DASHED)
    if chosen.accuracy is not None:
        figure.add_scatter(
            x=[chosen.coverage],
            y=[1 - chosen.accuracy.value],
            mode="markers",
            marker={"symbol": "diamond", "size": 12, "color": _SECOND},
            hovertemplate="the threshold: %{x:.1%} answered, %{y:.1%} of them wrong<extra></extra>",
        )
    share = {"tickformat": ".0%", "gridcolor": GRID, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(title="Answered (coverage)", range=[0, 1], **share)
    figure.update_yaxes(title="Wrong, of the answered (risk)", rangemode="tozero", **share)
    figure.update_layout(showlegend=False)
    return finish(figure, height=380)
