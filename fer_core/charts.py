"""Figures of the data objects of this package. They draw; every number comes from the object.

Grounds are transparent and text on them has no colour of its own, so a figure reads on light and
dark.
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
_SHADES: Final = ((0.0, "#c3cdea"), (1.0, "#1f3f94"))
_TEXT_ON_SHADES: Final = ("#10131f", "#ffffff")
_DARK_SHADE_FROM: Final = 0.55
"""From this part of the scale white is easier to read on it than black."""
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
    highest = float(shown.max()) or 1.0
    figure = go.Figure(
        go.Heatmap(
            z=shown, colorscale=_SHADES, zmin=0, zmax=highest, showscale=False, hoverinfo="skip"
        )
    )
    true, predicted = (cells.ravel() for cells in np.indices((size, size)))
    figure.add_scatter(
        x=predicted,
        y=true,
        mode="markers",
        marker={"symbol": "square", "size": 40, "color": _TRANSPARENT},
        selected={"marker": {"color": "rgba(224,122,63,0.55)"}},
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
    # Annotations, because a selection dims the text of a trace.
    number = "{:.0f}" if normalization == "none" else "{:.0%}"
    for row, column in zip(true, predicted, strict=True):
        text = number.format(shown[row, column])
        color = _TEXT_ON_SHADES[bool(shown[row, column] / highest >= _DARK_SHADE_FROM)]
        figure.add_annotation(x=column, y=row, text=text, font_color=color, showarrow=False)
    axis = {
        "tickvals": list(range(size)),
        "ticktext": labels,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    # Pinned: the scatter would pad the ranges and shift the cells.
    figure.update_xaxes(title="Predicted", tickangle=-45, range=[-0.5, size - 0.5], **axis)
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
            marker={"color": [_label_color(name) for name in names], "line_width": 0},
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
    figure.update_xaxes(title="Epoch", gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(title=_CURVE_TITLES[curve], gridcolor=_GRID)
    if curve in ("accuracy", "val_accuracy"):
        figure.update_yaxes(tickformat=".0%")
    figure.update_layout(hovermode="x unified", legend={"orientation": "h", "y": 1.12})
    return _finish(figure, height=420)


def class_scores_figure(
    metrics: ClassificationMetrics, score: Literal["precision", "recall", "f1"] = "f1"
) -> go.Figure:
    """Draws one score of every class with its 95 % interval."""
    figure = go.Figure()
    for label, scores in metrics.per_class.items():
        interval: Interval = getattr(scores, score)
        color = _label_color(label)
        figure.add_bar(
            x=[label],
            y=[interval.value],
            error_y=_error_bars(interval, color),
            marker={"color": color, "opacity": 0.45, "line_width": 0},
            hovertemplate=f"{label}: {interval.percent()}<br>{scores.support} rows<extra></extra>",
        )
    title = "F1" if score == "f1" else score.capitalize()
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(
        title=title,
        range=[0, 1],
        tickformat=".0%",
        gridcolor=_GRID,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_layout(showlegend=False, barmode="overlay")
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
        color = MODEL_COLORS[index % len(MODEL_COLORS)]
        figure.add_scatter(
            x=[cost[card.name]],
            y=[accuracy.value],
            error_y=_error_bars(accuracy, color),
            mode="markers+text",
            marker={"size": 13, "color": color},
            text=[card.title],
            textposition="middle right",
            name=card.title,
            hovertemplate=f"%{{x:.3~g}} {cost_title}<br>{accuracy.percent()}",
        )
    # Room at the right for the name of the costliest.
    highest = max((cost[card.name] for card in cards), default=1.0)
    figure.update_xaxes(title=cost_title, gridcolor=_GRID, zeroline=False, range=[0, 1.3 * highest])
    figure.update_yaxes(title="Accuracy", tickformat=".0%", gridcolor=_GRID)
    figure.update_layout(showlegend=False)
    return _finish(figure, height=400)


def _error_bars(interval: Interval, color: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - interval.value],
        "arrayminus": [interval.value - interval.low],
        "color": color,
    }


def _label_color(label: str) -> str:
    return COLORS.get(label, _OTHER)


def _finish(figure: go.Figure, *, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        paper_bgcolor=_TRANSPARENT,
        plot_bgcolor=_TRANSPARENT,
    )
    return figure
