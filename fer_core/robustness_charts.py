"""Figures of robustness: accuracy by severity, and one face's answers by severity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import plotly.graph_objects as go

from fer_core.charts import MODEL_COLORS
from fer_core.corrupted_face import LEVELS, CorruptedFace
from fer_core.evaluation.corruptions import Corruption
from fer_core.evaluation.robustness import Robustness

_TRANSPARENT: Final = "rgba(0,0,0,0)"
_GRID: Final = "rgba(128,128,128,0.25)"


def accuracy_figure(results: Mapping[str, Robustness], corruption: Corruption | None) -> go.Figure:
    """Draws each model's accuracy by severity.

    Args:
        results: by the title to show.
        corruption: which one, with 95 % intervals; None draws the mean over all of them.
    """
    figure = go.Figure()
    for index, (title, result) in enumerate(results.items()):
        color = MODEL_COLORS[index % len(MODEL_COLORS)]
        if corruption is None:
            values = [result.mean_accuracy(severity) for severity in LEVELS]
            errors = None
        else:
            found = [result.accuracy(corruption, severity) for severity in LEVELS]
            values = [interval.value for interval in found]
            errors = {
                "type": "data",
                "symmetric": False,
                "array": [interval.high - interval.value for interval in found],
                "arrayminus": [interval.value - interval.low for interval in found],
                "thickness": 1,
                "color": color,
            }
        figure.add_scatter(
            x=LEVELS,
            y=values,
            error_y=errors,
            mode="lines+markers",
            name=title,
            line={"color": color, "width": 2},
            hovertemplate="severity %{x}: %{y:.1%}",
        )
    return _by_severity(figure, "Accuracy")


def answer_figure(faces: Mapping[str, CorruptedFace]) -> go.Figure:
    """Draws what each model's first answer to a face keeps of its probability, by severity.

    Args:
        faces: by the model's title.
    """
    figure = go.Figure()
    for index, (title, face) in enumerate(faces.items()):
        color = MODEL_COLORS[index % len(MODEL_COLORS)]
        figure.add_scatter(
            x=LEVELS,
            y=face.kept,
            mode="lines+markers",
            name=f"{title}: {face.answers[0]}",
            line={"color": color, "width": 2},
            text=face.answers,
            hovertemplate="severity %{x}: %{y:.0%}, answers %{text}",
        )
    return _by_severity(figure, "Probability")


def _by_severity(figure: go.Figure, title: str) -> go.Figure:
    figure.update_xaxes(
        title="Severity (0: undisturbed)", tickvals=LEVELS, gridcolor=_GRID, fixedrange=True
    )
    figure.update_yaxes(
        title=title, range=[0, 1.02], tickformat=".0%", gridcolor=_GRID, fixedrange=True
    )
    figure.update_layout(
        height=380,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": -0.25},
        showlegend=True,
        paper_bgcolor=_TRANSPARENT,
        plot_bgcolor=_TRANSPARENT,
    )
    return figure
