"""Histogram of an image's values, as data and as a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fer_core.labels import GRAY
from fer_core.plots.figure_style import GRID, figure_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of values by bin.

    Attributes:
        edges: `(bins + 1,)` float64, ascending.
        counts: `(bins,)` int64.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per bin: `low`, `high`, `count`."""
        import pandas as pd

        columns = {"low": self.edges[:-1], "high": self.edges[1:], "count": self.counts}
        return pd.DataFrame(columns)


def histogram(values: NDArray[np.generic], *, bins: int = 32) -> Histogram:
    """Counts values in equal-width bins between the smallest and the largest."""
    counts, edges = np.histogram(values.astype(np.float64), bins=bins)
    return Histogram(edges, counts.astype(np.int64))


def histogram_figure(shown: Histogram, *, title: str) -> go.Figure:
    """Draws a histogram.

    Args:
        shown: the counts.
        title: of the value axis.
    """
    bars = go.Bar(
        x=(shown.edges[:-1] + shown.edges[1:]) / 2,
        y=shown.counts,
        width=np.diff(shown.edges),
        marker={"color": GRAY, "line_width": 0},
        hovertemplate="about %{x:.2f}: %{y} pixels<extra></extra>",
    )
    return figure_of(
        [bars],
        height=220,
        bargap=0,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={"title": {"text": title}, "fixedrange": True, "zeroline": False},
        yaxis={"title": {"text": "Pixels"}, "fixedrange": True, "gridcolor": GRID},
    )
