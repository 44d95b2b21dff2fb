"""HTML from texts, tables and figures. Whatever is not markup already is escaped."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Final

import numpy as np
import plotly.graph_objects as go

from fer_core.plots import GRID, MODEL_COLORS
from fer_core.reports import Html, tag

if TYPE_CHECKING:
    import pandas as pd

_AXIS: Final = {"automargin": True, "gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID}
_TEMPLATE: Final = go.layout.Template(
    layout={
        "colorway": MODEL_COLORS,
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)

_NUMBERS: Final = {"class_": "number"}
_HEADINGS: Final = {
    "ece": "ECE",
    "ece_noise_floor": "ECE noise floor",
    "ece_p_value": "p (calibrated)",
    "macro_f1": "macro F1",
    "macs": "MACs",
    "mce": "MCE",
    "nll": "NLL",
    "p_holm": "p (Holm)",
    "p_value": "p (McNemar)",
    "roc_auc": "ROC AUC",
    "size_mb": "size in MB",
}


def paragraph(*children: str) -> Html:
    """Returns a paragraph."""
    return tag("p", *children)


def listing(items: Iterable[str]) -> Html:
    """Returns a list."""
    return tag("ul", *(tag("li", item) for item in items))


def facts(pairs: Mapping[str, str]) -> Html:
    """Returns names with what belongs to them."""
    return tag(
        "dl", *(tag("div", tag("dt", name), tag("dd", text)) for name, text in pairs.items())
    )


def details(summary: str, *children: str) -> Html:
    """Returns what opens on demand."""
    return tag("details", tag("summary", summary), *children)


def table(frame: pd.DataFrame, *, caption: str) -> Html:
    """Returns a table that scrolls by itself where it is too wide.

    Args:
        frame: the first column names the rows.
        caption: what it shows.
    """
    from pandas.api.types import is_numeric_dtype

    heads = (
        tag("th", heading(str(name)), scope="col", **_NUMBERS if is_numeric_dtype(kind) else {})
        for name, kind in frame.dtypes.items()
    )
    rows = (
        tag("tr", tag("th", cell_text(first), scope="row"), *map(_cell, rest))
        for first, *rest in frame.itertuples(index=False, name=None)
    )
    inside = tag(
        "table", tag("caption", caption), tag("thead", tag("tr", *heads)), tag("tbody", *rows)
    )
    return tag("div", inside, class_="scroll", role="region", tabindex="0", aria_label=caption)


def heading(column: str) -> str:
    """Returns the name of a column as tables show it: `"accuracy low"` for `accuracy_low`."""
    return _HEADINGS.get(column, column.replace("_", " "))


def _cell(value: object) -> Html:
    if isinstance(value, str):
        return tag("td", value)
    return tag("td", cell_text(value), **_NUMBERS)


def cell_text(value: object) -> str:
    """Returns a value as tables show it: three decimals, small numbers to two digits."""
    if value is None:
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if isinstance(value, Real):
        real = float(value)
        if math.isnan(real):
            return "–"
        return f"{real:.2g}" if 0 < abs(real) < 0.001 else f"{real:,.3f}"
    return str(value)


def figure(drawing: go.Figure, *, key: str, title: str, alt: str, under: str = "") -> Html:
    """Returns a figure, which the page's script draws from data that stand beside it.

    Args:
        drawing: what to draw.
        key: unique in the page; letters, digits, `_` and `-`.
        title: of the figure.
        alt: what it shows, in words.
        under: its table and what else is to be said.
    """
    drawing.update_layout(template=_TEMPLATE)
    # Inside a script only "<" could end it, and in JSON it stands in texts alone.
    data = Html(drawing.to_json().replace("<", r"\u003c"))
    return tag(
        "figure",
        tag("figcaption", title, id=f"{key}-title"),
        tag(
            "div",
            class_="plot",
            id=key,
            role="img",
            aria_label=alt,
            style=f"min-height: {drawing.layout.height}px",
        ),
        tag("script", data, type="application/json", id=f"{key}-data"),
        under,
        aria_labelledby=f"{key}-title",
    )


def plot_text(text: str) -> str:
    """Returns a text for a figure, in which plotly would otherwise read tags."""
    return html.escape(text, quote=False)


def json_block(value: object) -> Html:
    """Returns data for people, indented."""
    return tag("pre", json.dumps(value, indent=2, ensure_ascii=False))
