"""Clickable matrices: confusion, difference of two models, agreement of two models.

Streamlit reports no clicks on a heatmap, so an invisible square lies over each cell. An extra row
and column named "any" hold the totals of a column or row, and can be clicked too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fer_core.evaluation.comparison import ANY, ConfusionDifference, DifferenceUnit
from fer_core.evaluation.scores import ConfusionMatrix, Normalization
from fer_core.plots.figure_style import TRANSPARENT, finish

Cell: TypeAlias = tuple[int, ...]
"""Row and column."""

_SHADES: Final = ((0.0, "#c3cdea"), (1.0, "#1f3f94"))
_SHADES_BOTH_WAYS: Final = ((0.0, "#a8481a"), (0.5, "#e9ebf2"), (1.0, "#1f3f94"))
_OUTLINE: Final = "#e07a3f"
_TEXT_ON_SHADES: Final = ("#10131f", "#ffffff")
_DARK_SHADE_FROM: Final = 0.55
"""From this shade on, white text is easier to read than black."""


def confusion_figure(
    matrix: ConfusionMatrix,
    normalization: Normalization = "true",
    *,
    sides: tuple[str, str] = ("true", "predicted"),
    chosen: tuple[str, str] | None = None,
) -> go.Figure:
    """Draws a confusion matrix, or the predictions of two models against each other.

    The squares' `customdata` is `[label of the row, label of the column, faces]`.

    Args:
        matrix: what to draw.
        normalization: by true label, by predicted label, overall, or none (counts).
        sides: titles of rows and columns.
        chosen: names of the row and the column to outline; one may be `ANY`.
    """
    shown = matrix.normalized(normalization)
    number = "{:,.0f}" if normalization == "none" else "{:.0%}"
    return _clickable(
        matrix.labels,
        shade=shown / (shown.max() or 1.0),
        text=lambda cell: number.format(shown[cell]),
        faces=_with_totals(matrix.counts, matrix.counts.sum(axis=1)),
        sides=sides,
        chosen=chosen,
    )


def difference_figure(
    difference: ConfusionDifference,
    unit: DifferenceUnit = "true",
    *,
    models: tuple[str, str] = ("first", "second"),
    chosen: tuple[str, str] | None = None,
) -> go.Figure:
    """Draws the first model's confusion matrix minus the second's; significant cells have a star.

    Shares are drawn in percentage points. The squares' `customdata` is
    `[true label, predicted label, faces]`, counting the faces that only one model puts there.

    Args:
        difference: what to draw.
        unit: what cells are normalized by, or `none` for counts.
        models: their titles.
        chosen: names of the row and the column to outline; one may be `ANY`.
    """
    parts = difference.difference(unit)
    shown, number = (parts, "{:+.0f}") if unit == "none" else (parts * 100, "{:+.1f}")
    is_significant = difference.is_significant

    def text(cell: Cell) -> str:
        value = number.format(shown[cell]) if shown[cell] else "0"
        return f"<b>{value}★</b>" if is_significant[cell] else value

    return _clickable(
        difference.labels,
        shade=parts / (np.abs(parts).max() or 1.0),
        text=text,
        faces=_with_totals(
            difference.only_first + difference.only_second, difference.only_first.sum(axis=1)
        ),
        sides=("true", "predicted"),
        hint=lambda cell: (
            f" for one model only<br>{models[0]} {difference.first[cell]}, "
            f"{models[1]} {difference.second[cell]}<br>p (Holm) = {difference.p_holm[cell]:.2g}"
        ),
        both_ways=True,
        chosen=chosen,
    )


def _with_totals(cells: NDArray[np.int64], of_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """`(k + 1, k + 1)`: how many faces a click lists, by cell, row and column, and in total."""
    return np.block([[cells, of_rows[:, None]], [cells.sum(axis=0), of_rows.sum()]])


def _clickable(
    labels: Sequence[str],
    *,
    shade: NDArray[np.float64],
    text: Callable[[Cell], str],
    faces: NDArray[np.int64],
    sides: tuple[str, str],
    hint: Callable[[Cell], str] = lambda cell: "",
    both_ways: bool = False,
    chosen: tuple[str, str] | None = None,
) -> go.Figure:
    size = len(labels)
    names = [*labels, ANY]
    figure = go.Figure(
        go.Heatmap(
            z=shade,
            colorscale=_SHADES_BOTH_WAYS if both_ways else _SHADES,
            zmin=-1 if both_ways else 0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
        )
    )
    cells = list(np.ndindex(size, size))
    totals = [cell for cell in np.ndindex(size + 1, size + 1) if size in cell]
    figure.add_scatter(
        x=[column for _, column in cells + totals],
        y=[row for row, _ in cells + totals],
        mode="markers",
        marker={"symbol": "square", "size": 40, "color": TRANSPARENT},
        selected={"marker": {"color": "rgba(224,122,63,0.55)"}},
        unselected={"marker": {"opacity": 0}},
        customdata=[[names[cell[0]], names[cell[1]], int(faces[cell])] for cell in cells + totals],
        hovertext=[hint(cell) for cell in cells] + [""] * len(totals),
        hovertemplate=(
            f"{sides[0]} <b>%{{customdata[0]}}</b>, {sides[1]} <b>%{{customdata[1]}}</b><br>"
            "%{customdata[2]} faces%{hovertext}<extra></extra>"
        ),
        showlegend=False,
    )
    is_dark = np.abs(shade) >= _DARK_SHADE_FROM
    for color, is_here in zip(_TEXT_ON_SHADES, (~is_dark, is_dark), strict=True):
        _write(figure, [cell for cell in cells if is_here[cell]], text, color)
    figure.update_layout(annotations=[_annotation(cell, f"{faces[cell]:,}") for cell in totals])
    if chosen is not None and chosen != (ANY, ANY):
        _outline(figure, (names.index(chosen[0]), names.index(chosen[1])), size)
    axis = {
        "tickvals": list(range(size + 1)),
        "ticktext": names,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    # Pinned: the scatter would pad the ranges and shift the cells.
    figure.update_xaxes(title=_title(sides[1]), tickangle=-45, range=[-0.5, size + 0.5], **axis)
    figure.update_yaxes(title=_title(sides[0]), range=[size + 0.5, -0.5], **axis)
    figure.update_layout(dragmode=False, clickmode="event+select")
    return finish(figure, height=120 + 50 * (size + 1))


def _outline(figure: go.Figure, cell: Cell, size: int) -> None:
    """Frames a cell, or a whole row or column with its total."""
    row, column = cell
    figure.add_shape(
        type="rect",
        x0=(0 if column == size else column) - 0.5,
        x1=column + 0.5,
        y0=(0 if row == size else row) - 0.5,
        y1=row + 0.5,
        line={"color": _OUTLINE, "width": 4},
    )


def _write(
    figure: go.Figure, cells: Sequence[Cell], text: Callable[[Cell], str], color: str
) -> None:
    """Writes into cells, as a trace: annotations take a browser four times as long."""
    figure.add_scatter(
        x=[column for _, column in cells],
        y=[row for row, _ in cells],
        text=[text(cell) for cell in cells],
        mode="text",
        textfont={"color": color},
        unselected={"textfont": {"color": color}},  # else a selection dims it
        hoverinfo="skip",
        showlegend=False,
    )


def _annotation(cell: Cell, text: str) -> dict[str, Any]:
    """Text in the page's own color, which only annotations adapt to."""
    return {"x": cell[1], "y": cell[0], "text": text, "showarrow": False}


def _title(side: str) -> str:
    return side[:1].upper() + side[1:]
