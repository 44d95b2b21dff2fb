"""Figure of accuracy vs. cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from typing import Final

import plotly.graph_objects as go

from fer_core.evaluation.comparison import ParetoFront
from fer_core.plots.figure_style import GRID, error_bars, finish, model_color

_LOGARITHMIC_FROM: Final = 8.0
"""From this ratio of largest to smallest cost, a linear axis would crowd the cheap models."""


def pareto_figure(front: ParetoFront, *, titles: Mapping[str, str], cost_title: str) -> go.Figure:
    """Draws accuracy with 95% intervals vs. cost; a line joins the models on the Pareto front.

    A click on a point selects it; its `customdata` is `[model]`.

    Args:
        front: at least one model; costs are above 0.
        titles: of the models, by name.
        cost_title: the cost with its unit, such as `file size (MB)`.
    """
    figure = go.Figure()
    costs = [point.cost for point in front.points]
    figure.add_scatter(
        x=[point.cost for point in front.front],
        y=[point.accuracy.value for point in front.front],
        mode="lines",
        line={"color": "#8b8f9c", "width": 2, "dash": "dot"},
        hoverinfo="skip",
        name="Pareto front",
    )
    for index, point in enumerate(front.points):
        color = model_color(index)
        name = titles[point.model]
        figure.add_scatter(
            x=[point.cost],
            y=[point.accuracy.value],
            error_y=error_bars([point.accuracy], color),
            mode="markers+text",
            marker={
                "size": 15,
                "color": color,
                "symbol": "circle" if point.on_front else "circle-open",
                "line_width": 2,
            },
            unselected={"marker": {"opacity": 1}},
            text=[name],
            textposition="top left" if _is_right_half(point.cost, costs) else "top right",
            customdata=[[point.model]],
            name=name,
            hovertemplate=(
                f"{name}<br>accuracy {point.accuracy.percent()}<br>{cost_title}: %{{x:.3~g}}<br>"
                f"{'on the Pareto front' if point.on_front else 'dominated'}<extra></extra>"
            ),
        )
    axis_title = cost_title[:1].upper() + cost_title[1:]
    figure.update_xaxes(title=axis_title, gridcolor=GRID, zeroline=False, fixedrange=True)
    _set_range(figure, costs)
    figure.update_yaxes(title="Accuracy", tickformat=".0%", gridcolor=GRID, fixedrange=True)
    figure.update_layout(showlegend=False, dragmode=False, clickmode="event+select")
    return finish(figure, height=420)


def _is_logarithmic(costs: Sequence[float]) -> bool:
    return max(costs) >= _LOGARITHMIC_FROM * min(costs)


def _is_right_half(cost: float, costs: Sequence[float]) -> bool:
    """Whether a point lies in the right half, so that its label has more room on its left."""
    least, most = min(costs), max(costs)
    return cost**2 > least * most if _is_logarithmic(costs) else cost > most / 2


def _set_range(figure: go.Figure, costs: Sequence[float]) -> None:
    least, most = min(costs), max(costs)
    if _is_logarithmic(costs):
        room = 0.1 * log10(most / least)
        span = [log10(least) - room, log10(most) + room]
        # Without a tick format, plotly writes the steps between powers of ten as single digits.
        figure.update_xaxes(type="log", range=span, dtick="D2", tickformat="~g")
    else:
        figure.update_xaxes(range=[0, 1.1 * most])
