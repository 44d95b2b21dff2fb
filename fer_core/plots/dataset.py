"""Figures of the data: class counts, duplicates, label agreement, hard images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go

from fer_core.evaluation.comparison import Difficulty
from fer_core.evaluation.dataset import ClassCounts, DuplicateTable, LabelAgreement
from fer_core.plots.figure_style import GRID, MODEL_COLORS, error_bars, finish

Numbers = Literal["share", "images"]
"""Shares of a class or a split, or counts."""

_SHADES: Final = ((0.0, "#c3cdea"), (1.0, "#1f3f94"))
_EASY_TO_HARD: Final = ("#c3cdea", "#1f3f94")


def class_counts_figure(counts: ClassCounts, numbers: Numbers = "share") -> go.Figure:
    """Draws the class counts of every split side by side."""
    frame = counts.to_frame()
    figure = go.Figure()
    for split, color in zip(counts.images, MODEL_COLORS, strict=False):
        rows = frame[frame["split"] == split]
        figure.add_bar(
            x=rows[numbers],
            y=rows["label"],
            orientation="h",
            name=split,
            marker={"color": color, "line_width": 0},
            customdata=np.stack([rows["images"], rows["share"]], axis=1),
            hovertemplate=(
                f"%{{y}}, {split}<br>%{{customdata[0]:,}} images, %{{customdata[1]:.1%}}"
                "<extra></extra>"
            ),
        )
    _horizontal(figure, counts.labels, numbers)
    figure.update_layout(showlegend=len(counts.images) > 1, bargap=0.25)
    return finish(figure, height=120 + 42 * len(counts.labels))


def difficulty_figure(difficulty: Difficulty) -> go.Figure:
    """Draws how many models are incorrect, as shares of each class; darker means more models."""
    errors = difficulty.counts.shape[1] - 1
    figure = go.Figure()
    for models in range(errors, -1, -1):
        name = _how_many_incorrect(models, errors)
        figure.add_bar(
            x=difficulty.shares[:, models],
            y=difficulty.labels,
            orientation="h",
            name=name,
            marker={"color": _between(*_EASY_TO_HARD, models / errors), "line_width": 0},
            customdata=difficulty.counts[:, models],
            hovertemplate=f"%{{y}}: {name}<br>%{{customdata:,}} images<extra></extra>",
        )
    _horizontal(figure, difficulty.labels, "share")
    figure.update_layout(barmode="stack", bargap=0.25, legend_traceorder="normal")
    return finish(figure, height=120 + 34 * len(difficulty.labels))


def label_agreement_figure(agreement: LabelAgreement, numbers: Numbers = "share") -> go.Figure:
    """Draws the FER+ labels of the images of each FER2013 label."""
    is_share = numbers == "share"
    shares = agreement.shares
    shown = shares if is_share else agreement.counts
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=agreement.columns,
            y=agreement.rows,
            zmin=0,
            zmax=1,
            colorscale=_SHADES,
            showscale=False,
            text=[[f"{cell:.0%}" if is_share else f"{cell:,}" for cell in row] for row in shown],
            texttemplate="%{text}",
            customdata=np.stack([agreement.counts, shares], axis=2),
            hovertemplate=(
                "FER2013 <b>%{y}</b>, FER+ <b>%{x}</b><br>%{customdata[0]:,} images, "
                "%{customdata[1]:.1%} of the row<extra></extra>"
            ),
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(title="FER+", tickangle=-45, fixedrange=True, showgrid=False)
    figure.update_yaxes(title="FER2013", autorange="reversed", fixedrange=True, showgrid=False)
    return finish(figure, height=130 + 46 * len(agreement.rows))


def duplicates_figure(table: DuplicateTable, *, titles: Mapping[str, str]) -> go.Figure:
    """Draws each model's accuracy on images seen in training and on all others.

    Args:
        table: of at least one model.
        titles: of the models, by name.
    """
    figure = go.Figure()
    names = [titles[model] for model in table.scores]
    for images, color in zip(
        ("duplicates", "others"), (MODEL_COLORS[1], MODEL_COLORS[0]), strict=True
    ):
        scores = [getattr(each, images) for each in table.scores.values()]
        figure.add_scatter(
            x=[score.value for score in scores],
            y=names,
            mode="markers",
            name={"duplicates": "duplicates of training images", "others": "all others"}[images],
            marker={"size": 12, "color": color},
            error_x=error_bars(scores, color),
            text=[score.percent() for score in scores],
            hovertemplate="%{y}<br>%{text}<extra></extra>",
        )
    figure.update_xaxes(
        title="Accuracy", tickformat=".0%", gridcolor=GRID, zeroline=False, fixedrange=True
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    return finish(figure, height=130 + 50 * len(names))


def _horizontal(figure: go.Figure, labels: tuple[str, ...], numbers: Numbers) -> None:
    format_: dict[str, Any] = {"tickformat": ".0%" if numbers == "share" else ",d"}
    figure.update_xaxes(
        title="Share" if numbers == "share" else "Images",
        gridcolor=GRID,
        zeroline=False,
        fixedrange=True,
        **format_,
    )
    figure.update_yaxes(
        autorange="reversed", categoryorder="array", categoryarray=list(labels), fixedrange=True
    )
    figure.update_layout(
        barmode="group",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )


def _how_many_incorrect(models: int, of: int) -> str:
    if models == 0:
        return "all correct" if of > 1 else "correct"
    if models == of:
        return "all incorrect" if of > 1 else "incorrect"
    return f"{models} of {of} incorrect"


def _between(first: str, second: str, part: float) -> str:
    from plotly.colors import find_intermediate_color, hex_to_rgb

    mixed = find_intermediate_color(hex_to_rgb(first), hex_to_rgb(second), part)
    return f"rgb({', '.join(str(round(value)) for value in mixed)})"
