"""How values, columns, figures and scripts stand in a report: the filters of its templates."""

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
    """Returns the name of a column as tables show it: `"accuracy low"` for `accuracy_low`."""
    return _HEADINGS.get(column, column.replace("_", " "))


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


def plot_json(drawing: go.Figure) -> str:
    """Returns a figure as the page's script reads it, safe inside `<script>`."""
    drawing.update_layout(template=_TEMPLATE)
    text: str = drawing.to_json()
    # Inside a script only "<" could end it, and in JSON it stands in texts alone.
    return text.replace("<", r"\u003c")


def plot_text(text: str) -> str:
    """Returns a text for a figure, in which plotly would otherwise read tags."""
    return html.escape(text, quote=False)


def sha256(script: str) -> str:
    """Returns the checksum by which a policy allows a script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
