"""The map of a split: one point per face, where a model's features put it."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import plotly.graph_objects as go

from fer_core.evaluation.dataset import MappedPredictions
from fer_core.labels import GRAY, color_of
from fer_core.plots.style import MODEL_COLORS, TRANSPARENT, finish

MapColor = Literal["label", "predicted", "error"]
"""The true class, the model's answer, or whether it is right."""

_RIGHT_AND_WRONG: Final = {"right": GRAY, "wrong": "#d1495b"}


def feature_map_figure(points: MappedPredictions, color: MapColor = "label") -> go.Figure:
    """Draws a map on which points can be chosen by box, lasso or click.

    A point's `customdata` is `[row_id, label, answer]`.

    Args:
        points: at least one.
        color: what the colours tell; each is a trace, which its name in the legend hides.
    """
    names = np.array(points.labels)
    label, predicted = names[points.label], names[points.predicted]
    if color == "error":
        group = np.where(label == predicted, "right", "wrong")
        colors = _RIGHT_AND_WRONG
    else:
        group = label if color == "label" else predicted
        colors = {name: color_of(name) for name in points.labels}
    figure = go.Figure()
    for name, shade in colors.items():
        chosen = group == name
        figure.add_scattergl(
            x=points.xy[chosen, 0],
            y=points.xy[chosen, 1],
            mode="markers",
            name=f"{name} ({chosen.sum():,})",
            marker={"color": shade, "size": 5, "opacity": 0.75},
            unselected={"marker": {"opacity": 0.12}},
            customdata=np.stack(
                [points.row_id[chosen].astype(object), label[chosen], predicted[chosen]], axis=1
            ),
            hovertemplate=(
                "row %{customdata[0]}<br>labeled <b>%{customdata[1]}</b>, "
                "answered <b>%{customdata[2]}</b><extra></extra>"
            ),
        )
    # The axes have no unit and no meaning by themselves; only nearness counts.
    axis = {"visible": False, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis, scaleanchor="x")
    figure.update_layout(
        dragmode="select",
        clickmode="event+select",
        hovermode="closest",
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        modebar={"bgcolor": TRANSPARENT, "color": GRAY, "activecolor": MODEL_COLORS[0]},
    )
    return finish(figure, height=560)
