"""The filters of the report's templates: values, headings, figures and scripts."""

from __future__ import annotations

import base64
import hashlib
import html
import math
from numbers import Integral, Real
from typing import Final

import numpy as np
import plotly.graph_objects as go

from fer_core.plots import GRID, MODEL_COLORS

_AXIS: Final = {"automargin": True, "gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID}
_TEMPLATE: Final = go.layout.Template(
    layout={
        "colorway": MODEL_COLORS,
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)

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


def heading(column: str) -> str:
    """Returns a column's heading: `"accuracy low"` for `accuracy_low`."""
    return _HEADINGS.get(column, column.replace("_", " "))


def cell_text(value: object) -> str:
    """Returns a table cell: three decimals, small numbers with two significant digits."""
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


def plot_json(drawing: go.Figure) -> str:
    """Returns a figure as JSON that is safe inside `<script>`."""
    drawing.update_layout(template=_TEMPLATE)
    text: str = drawing.to_json()
    # Only "<" could end a script, and in JSON it occurs only within strings.
    return text.replace("<", r"\u003c")


def plot_text(text: str) -> str:
    """Escapes a text for a figure, since plotly interprets tags."""
    return html.escape(text, quote=False)


def sha256(script: str) -> str:
    """Returns the checksum by which a content security policy allows a script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
