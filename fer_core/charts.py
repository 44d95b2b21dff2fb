"""Figures of the data objects of this package. They draw; every number comes from the object.

Grounds are transparent and no text has a colour of its own, so a figure reads on light and dark.
An emotion has the same colour everywhere (`emotions.COLORS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fer_core.cards import ModelCard
from fer_core.emotions import COLORS
from fer_core.evaluation.confusion import ConfusionMatrix, Normalization
from fer_core.evaluation.history import Curve, History
from fer_core.evaluation.scores import ClassificationMetrics, Interval

MODEL_COLORS: Final = (
    "#4c78d0",
    "#e07a3f",
    "#3f9f7f",
    "#c4527f",
    "#9a7bd0",
    "#b8902a",
    "#3d9fb5",
    "#8b8f9c",
)
"""One colour per model in the order of drawing, legible on light and dark grounds."""

_TRANSPARENT: Final = "rgba(0,0,0,0)"
_GRID: Final = "rgba(128,128,128,0.25)"
_OTHER: Final = "#8b8f9c"

_CURVE_TITLES: Final[dict[Curve, str]] = {
    "loss": "Training loss",
    "accuracy": "Training accuracy",
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
    "learning_rate": "Learning rate",
}


def confusion_figure(matrix: ConfusionMatrix, normalization: Normalization = "true") -> go.Figure:
    """Draws a confusion matrix whose cells can be clicked.

    A heatmap answers no clicks, so an invisible square lies over each cell; its `customdata` is
    `[true label, predicted label, count]`.

    Args:
        matrix: what to draw.
        normalization: what the numbers in the cells are parts of.
    """
    labels = list(matrix.labels)
    size = len(labels)
    shown = matrix.normalized(normalization)
    template = "%{z:.0f}" if normalization == "none" else "%{z:.0%}"
    figure = go.Figure(
        go.Heatmap(
            z=shown,
            colorscale="Blues",
            zmin=0,
            showscale=False,
            texttemplate=template,
            hoverinfo="skip",
            xgap=1,
            ygap=1,
        )
    )
    true, predicted = (cells.ravel() for cells in np.indices((size, size)))
    figure.add_scatter(
        x=predicted,
        y=true,
        mode="markers",
        marker={"symbol": "square", "size": 40, "color": _TRANSPARENT},
        selected={"marker": {"color": "rgba(224,122,63,0.45)"}},
        unselected={"marker": {"opacity": 0}},
        customdata=[
            [labels[row], labels[column], int(matrix.counts[row, column])]
            for row, column in zip(true, predicted, strict=True)
        ],
        hovertemplate=(
            "true <b>%{customdata[0]}</b>, predicted <b>%{customdata[1]}</b><br>"
            "%{customdata[2]} rows<extra></extra>"
        ),
        showlegend=False,
    )
    axis = {
        "tickvals": list(range(size)),
        "ticktext": labels,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    # Pinned: the scatter would pad the ranges and shift the cells.
    figure.update_xaxes(title="Predicted", range=[-0.5, size - 0.5], **axis)
    figure.update_yaxes(title="True", range=[size - 0.5, -0.5], **axis)
    figure.update_layout(dragmode=False, clickmode="event+select")
    return _finish(figure, height=120 + 50 * size)


def probability_bars(probabilities: NDArray[np.floating], labels: Sequence[str]) -> go.Figure:
    """Draws one face's probabilities, most probable first.

    Args:
        probabilities: `(k,)`.
        labels: the k class names.

    Raises:
        ValueError: there is not one label per probability.
    """
    if probabilities.shape != (len(labels),):
        raise ValueError(
            f"Expected one probability for each of {len(labels)} labels. "
            f"Received: shape={probabilities.shape}"
        )
    order = np.argsort(-probabilities, kind="stable")
    names = [labels[index] for index in order]
    figure = go.Figure(
        go.Bar(
            x=probabilities[order],
            y=names,
            orientation="h",
            marker_color=_label_colors(names),
            texttemplate="%{x:.0%}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1.1], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    return _finish(figure, height=40 + 30 * len(labels))


def training_curves_figure(
    histories: Mapping[str, History], curve: Curve = "val_accuracy", *, smoothing: float = 0.0
) -> go.Figure:
    """Overlays one curve of several runs, with the best epoch of each marked.

    Args:
        histories: runs by the name to show.
        curve: what to draw.
        smoothing: weight of the past, from 0 to below 1; above 0 the values as measured are drawn
            faintly behind the smoothed line.
    """
    figure = go.Figure()
    for index, (name, history) in enumerate(histories.items()):
        color = MODEL_COLORS[index % len(MODEL_COLORS)]
        values = history.curve(curve, smoothing=smoothing)
        line = {"x": history.epoch, "mode": "lines", "legendgroup": name}
        if smoothing > 0:
            figure.add_scatter(
                y=history.curve(curve),
                line={"color": color, "width": 1},
                opacity=0.3,
                showlegend=False,
                hoverinfo="skip",
                name=f"{name}, as measured",
                **line,
            )
        figure.add_scatter(y=values, line={"color": color, "width": 2}, name=name, **line)
        figure.add_scatter(
            x=[history.best_epoch],
            y=values[history.epoch == history.best_epoch],
            mode="markers",
            marker={"symbol": "star", "size": 13, "color": color},
            legendgroup=name,
            showlegend=False,
            name=f"{name}, best epoch",
            hovertemplate="best epoch %{x}: %{y:.4f}<extra></extra>",
        )
    figure.update_xaxes(title="Epoch", gridcolor=_GRID, rangemode="tozero")
    figure.update_yaxes(title=_CURVE_TITLES[curve], gridcolor=_GRID)
    if curve in ("accuracy", "val_accuracy"):
        figure.update_yaxes(tickformat=".0%")
    figure.update_layout(hovermode="x unified", legend={"orientation": "h", "y": 1.12})
    return _finish(figure, height=420)


def class_scores_figure(
    metrics: ClassificationMetrics, score: Literal["precision", "recall", "f1"] = "f1"
) -> go.Figure:
    """Draws one score of every class with its 95 % interval."""
    names = list(metrics.per_class)
    intervals = [getattr(metrics.per_class[name], score) for name in names]
    figure = go.Figure(
        go.Bar(
            x=names,
            y=[interval.value for interval in intervals],
            error_y=_error_bars(intervals),
            marker_color=_label_colors(names),
            customdata=[metrics.per_class[name].support for name in names],
            hovertemplate="%{x}: %{y:.1%}<br>%{customdata} rows<extra></extra>",
        )
    )
    title = "F1" if score == "f1" else score.capitalize()
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(
        title=title, range=[0, 1], tickformat=".0%", gridcolor=_GRID, fixedrange=True
    )
    return _finish(figure, height=360)


def tradeoff_figure(
    cards: Sequence[ModelCard], cost: Mapping[str, float], *, cost_title: str
) -> go.Figure:
    """Draws the models' reported accuracy, with its 95 % interval, against what it costs.

    Args:
        cards: the models.
        cost: by the models' names, e.g. milliseconds for one face, or megabytes.
        cost_title: what it is, with its unit.
    """
    figure = go.Figure()
    for index, card in enumerate(cards):
        accuracy = card.reported.accuracy
        figure.add_scatter(
            x=[cost[card.name]],
            y=[accuracy.value],
            error_y=_error_bars([accuracy]),
            mode="markers+text",
            marker={"size": 13, "color": MODEL_COLORS[index % len(MODEL_COLORS)]},
            text=[card.title],
            textposition="middle right",
            name=card.title,
            hovertemplate=f"%{{x:.3~g}} {cost_title}<br>%{{y:.1%}}<extra>{card.title}</extra>",
        )
    figure.update_xaxes(title=cost_title, gridcolor=_GRID, rangemode="tozero")
    figure.update_yaxes(title="Accuracy", tickformat=".0%", gridcolor=_GRID)
    figure.update_layout(showlegend=False)
    return _finish(figure, height=400)


def _error_bars(intervals: Sequence[Interval]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - interval.value for interval in intervals],
        "arrayminus": [interval.value - interval.low for interval in intervals],
        "color": _OTHER,
    }


def _label_colors(labels: Sequence[str]) -> list[str]:
    return [COLORS.get(label, _OTHER) for label in labels]


def _finish(figure: go.Figure, *, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        paper_bgcolor=_TRANSPARENT,
        plot_bgcolor=_TRANSPARENT,
    )
    return figure
