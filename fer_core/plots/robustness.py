"""Figures of robustness by severity: accuracy, and the predictions for one face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from fer_core.evaluation.reliability import Robustness
from fer_core.plots.figure_style import (
    GRID,
    error_bars,
    figure_of,
    legend_below,
    model_color,
    model_line,
)
from fer_core.preprocessing import Corruption
from fer_core.recognition import LEVELS, CorruptedFace


def accuracy_figure(results: Mapping[str, Robustness], corruption: Corruption | None) -> go.Figure:
    """Draws each model's accuracy by severity, with 95% intervals.

    Args:
        results: by display title.
        corruption: which one; None draws the mean over all corruptions.
    """
    traces = []
    for index, (title, result) in enumerate(results.items()):
        found = [
            result.mean_accuracy(severity)
            if corruption is None
            else result.accuracy(corruption, severity)
            for severity in LEVELS
        ]
        traces.append(
            go.Scatter(
                x=LEVELS,
                y=[interval.value for interval in found],
                error_y={**error_bars(found, model_color(index)), "thickness": 1},
                mode="lines+markers",
                name=title,
                line=model_line(index),
                hovertemplate="severity %{x}: %{y:.1%}",
            )
        )
    return _by_severity(traces, "Accuracy")


def corrupted_face_figure(faces: Mapping[str, CorruptedFace]) -> go.Figure:
    """Draws, by severity, the probability of the label each model predicts for the clean face.

    Args:
        faces: by the model's title.
    """
    traces = [
        go.Scatter(
            x=LEVELS,
            y=face.kept,
            mode="lines+markers",
            name=f"{title}: {face.predictions[0]}",
            line=model_line(index),
            text=face.predictions,
            hovertemplate="severity %{x}: %{y:.0%}, predicts %{text}",
        )
        for index, (title, face) in enumerate(faces.items())
    ]
    return _by_severity(traces, "Probability")


def _by_severity(traces: Sequence[go.Scatter], title: str) -> go.Figure:
    axis = {"gridcolor": GRID, "fixedrange": True}
    below = legend_below(len(traces))
    return figure_of(
        traces,
        height=290 + below["margin"]["b"],
        xaxis={"title": {"text": "Severity (0: clean)"}, "tickvals": LEVELS, **axis},
        yaxis={"title": {"text": title}, "range": [0, 1.02], "tickformat": ".0%", **axis},
        showlegend=True,
        **below,
    )
