"""The embedding map of a split: one point per face, placed by a model's features."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import plotly.graph_objects as go

from fer_core.evaluation.dataset import MappedPredictions
from fer_core.labels import GRAY, color_of
from fer_core.plots.figure_style import MODEL_COLORS, TRANSPARENT, finish

MapColor = Literal["label", "predicted", "error"]
"""True label, predicted label, or whether the prediction is correct."""

_ERROR_COLORS: Final = {"correct": GRAY, "incorrect": "#d1495b"}


def feature_map_figure(points: MappedPredictions, color: MapColor = "label") -> go.Figure:
    """Draws a map on which points can be selected by box, lasso or click.

    A point's `customdata` is `[row_id, label, predicted]`.

    Args:
        points: at least one.
        color: what to color by; each value is a trace, which its legend entry hides.
    """
    names = np.array(points.labels)
    label, predicted = names[points.label], names[points.predicted]
    if color == "error":
        group = np.where(label == predicted, "correct", "incorrect")
        colors = _ERROR_COLORS
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
                "row %{customdata[0]}<br>true <b>%{customdata[1]}</b>, "
                "predicted <b>%{customdata[2]}</b><extra></extra>"
            ),
        )
    # The axes have no unit and no meaning; only distances between neighbors do.
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
