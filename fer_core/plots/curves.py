"""Figures of training runs: curves by epoch, and the spread of the last epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from fer_core.plots.figure_style import GRID, finish, legend_below, model_color, model_line
from fer_core.training_logs import Curve, CurveBand, History, InitialView

CURVE_TITLES: Final[dict[Curve, str]] = {
    "val_accuracy": "Validation accuracy",
    "accuracy": "Training accuracy",
    "val_loss": "Validation loss",
    "loss": "Training loss",
    "learning_rate": "Learning rate",
    "overfit_gap": "Overfit gap",
}
_TICKS: Final = {"val_accuracy": ".0%", "accuracy": ".0%", "overfit_gap": ".1%"}
_HOVER: Final = {"val_accuracy": ".2%", "accuracy": ".2%", "overfit_gap": ".2%"}
_BAND_OPACITY: Final = 0.18
_ROOM: Final = 0.05
"""Margin above and below the values in view, as a fraction of their range."""


def curves_figure(
    bands: Mapping[str, CurveBand],
    best_epochs: Mapping[str, Sequence[int]],
    curve: Curve,
    *,
    log_epochs: bool = False,
    log_values: bool = False,
    view: InitialView | None = None,
) -> go.Figure:
    """Overlays one curve of several runs or groups of runs.

    The measured values are drawn faintly behind the smoothed line, the band behind both.

    Args:
        bands: by display name.
        best_epochs: by the same names, the epochs to mark with a star.
        curve: which curve the bands are.
        log_epochs: use a logarithmic epoch axis.
        log_values: use a logarithmic value axis; values of 0 and below are not drawn.
        view: initial range of values; None shows everything, as a double click on the figure
            does. Ignored for a logarithmic value axis.
    """
    figure = go.Figure()
    number = _HOVER.get(curve, ".4g")
    for index, (name, band) in enumerate(bands.items()):
        color = model_color(index)
        common = {"x": band.epoch, "mode": "lines", "legendgroup": name, "name": name}
        behind = {**common, "showlegend": False, "hoverinfo": "skip"}
        if band.has_width:
            red, green, blue = hex_to_rgb(color)
            edge = {"width": 0, "color": color}
            figure.add_scatter(**behind, y=band.low, line=edge, meta="low")
            figure.add_scatter(
                **behind,
                y=band.high,
                line=edge,
                fill="tonexty",
                fillcolor=f"rgba({red},{green},{blue},{_BAND_OPACITY})",
                meta="high",
            )
        if (band.smooth != band.mean)[band.runs > 0].any():
            line = model_line(index, width=1)
            figure.add_scatter(**behind, y=band.mean, line=line, opacity=0.35, meta="measured")
        figure.add_scatter(
            **common,
            y=band.smooth,
            line=model_line(index),
            hovertemplate=f"%{{y:{number}}}",
            meta="line",
        )
        is_best = [epoch in best_epochs[name] for epoch in band.epoch.tolist()]
        figure.add_scatter(
            x=band.epoch[is_best],
            y=band.smooth[is_best],
            mode="markers",
            marker={"symbol": "star", "size": 13, "color": color},
            legendgroup=name,
            showlegend=False,
            name=f"{name}, best epoch",
            hovertemplate=f"%{{y:{number}}}",
            meta="best",
        )
    scale = {True: "log", False: "linear"}
    figure.update_xaxes(title="Epoch", type=scale[log_epochs], gridcolor=GRID, zeroline=False)
    figure.update_yaxes(
        title=CURVE_TITLES[curve],
        type=scale[log_values],
        tickformat=_TICKS.get(curve),
        gridcolor=GRID,
        zeroline=curve == "overfit_gap",
        zerolinecolor=GRID,
    )
    if view is not None and not log_values:
        room = _ROOM * (view.high - view.low)
        figure.update_yaxes(range=[view.low - room, view.high + room])
    figure.update_layout(hovermode="x unified")
    below = legend_below(len(bands))
    return finish(figure, height=390 + below["margin"]["b"]).update_layout(below)


def outside_view_sentence(view: InitialView) -> str:
    """Says which curves leave the initial view of a figure, how far, and how to see them."""
    curves = "; ".join(f"{name} (up to {value:.3g})" for name, value in view.beyond.items())
    return f"Outside this view: {curves}. Double-click the figure to show everything."


def spread_figure(histories: Mapping[str, History], curve: Curve) -> go.Figure:
    """Draws a violin of one curve's values for each run, with every epoch in it.

    Args:
        histories: the epochs to show, by display name.
        curve: which values.
    """
    figure = go.Figure()
    for index, (name, history) in enumerate(histories.items()):
        figure.add_violin(
            y=getattr(history, curve),
            name=name,
            line={"color": model_color(index), "width": 1.5},
            points="all",
            pointpos=0,
            jitter=0.4,
            marker={"size": 4, "opacity": 0.6},
            box_visible=True,
            text=[f"epoch {epoch}" for epoch in history.epoch],
            hoveron="points",
            hovertemplate=f"%{{text}}: %{{y:{_HOVER.get(curve, '.4g')}}}<extra></extra>",
        )
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(
        title=CURVE_TITLES[curve],
        tickformat=".1~%" if curve in _TICKS else None,
        gridcolor=GRID,
        zeroline=False,
    )
    below = legend_below(len(histories))
    return finish(figure, height=340 + below["margin"]["b"]).update_layout(below)
