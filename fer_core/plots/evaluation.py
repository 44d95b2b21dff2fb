"""Figures of an evaluation on labeled photos: slices, and models against test sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import plotly.graph_objects as go

from fer_core.benchmark import Slice, SliceReport
from fer_core.labels import GRAY
from fer_core.plots.figure_style import GRID, MODEL_COLORS, error_bars, figure_of

_PX_PER_SLICE: Final = 26
_SHADES: Final = ((0.0, "#6b82c4"), (1.0, "#162e70"))
"""Dark enough for white text."""


def slices_figure(report: SliceReport) -> go.Figure:
    """Draws the accuracy of every slice with its 95% interval, grouped by column.

    Slices too small to be tested are hollow, significant ones orange. The dashed line is the
    accuracy over all photos.

    Args:
        report: with at least one slice.
    """
    trace = go.Scatter(
        x=[each.accuracy.value for each in report.slices],
        y=[
            [each.column.replace("_", " ") for each in report.slices],
            [f"{each.value} ({each.photos:,})" for each in report.slices],
        ],
        error_x=error_bars([each.accuracy for each in report.slices], GRAY),
        mode="markers",
        marker={
            "size": 9,
            "color": [_color(each) for each in report.slices],
            "symbol": ["circle-open" if each.is_too_small else "circle" for each in report.slices],
        },
        customdata=[[each.accuracy.percent(), _test_in_words(each)] for each in report.slices],
        hovertemplate="%{y}: %{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    )
    overall = report.accuracy.value
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": overall, "x1": overall}
    return figure_of(
        [trace],
        height=80 + _PX_PER_SLICE * len(report.slices),
        xaxis={
            "title": {"text": "Accuracy over all photos"},
            "range": [0, 1.02],
            "tickformat": ".0%",
            "gridcolor": GRID,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"autorange": "reversed", "automargin": True, "fixedrange": True},
        shapes=[line | {"line": {"color": GRAY, "dash": "dash", "width": 1}}],
        showlegend=False,
    )


def sets_matrix_figure(
    accuracy: Mapping[str, Mapping[str, float | None]], groups: Sequence[str]
) -> go.Figure:
    """Draws the accuracy of models (rows) on test sets (columns), shaded by accuracy.

    Args:
        accuracy: by display title of the model, then by title of the test set, both in drawing
            order; None, drawn as a blank, where a model was not evaluated.
        groups: what each model was trained on, in the order of the models.
    """
    sets = list(next(iter(accuracy.values()), {}))
    values = [[row[each] for each in sets] for row in accuracy.values()]
    heatmap = go.Heatmap(
        x=sets,
        y=[list(groups), list(accuracy)],
        z=values,
        zmin=0,
        zmax=1,
        colorscale=_SHADES,
        showscale=False,
        xgap=2,
        ygap=2,
        text=[["" if each is None else f"{each:.0%}" for each in row] for row in values],
        texttemplate="%{text}",
        textfont={"color": "#ffffff"},
        hovertemplate="%{y} on %{x}: %{z:.1%}<extra></extra>",
    )
    return figure_of(
        [heatmap],
        height=70 + 34 * len(accuracy),
        xaxis={"side": "top", "fixedrange": True},
        yaxis={"autorange": "reversed", "automargin": True, "fixedrange": True},
    )


def _color(each: Slice) -> str:
    return MODEL_COLORS[1] if each.is_significant else MODEL_COLORS[0]


def _test_in_words(each: Slice) -> str:
    if each.p_holm is None or each.difference is None:
        return f"{each.photos} photos: too few to test"
    return f"{each.difference * 100:+.1f} points against the rest, p (Holm) = {each.p_holm:.2g}"
