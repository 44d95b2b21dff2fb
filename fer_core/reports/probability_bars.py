"""One face's probabilities as bars, in plain HTML: drawn at once, and a table to a screen reader.

A Plotly figure takes 25 ms of a browser each, and a page may show a dozen of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.labels import color_of
from fer_core.reports.html import Html, tag

_TABLE: Final = "width:100%;border-collapse:collapse;font-size:0.875rem;line-height:1.25rem"
_LABEL: Final = "font-weight:400;text-align:right;padding:0.25rem 0.6rem 0.25rem 0"
_CELL: Final = "width:100%;padding:0"
_ROW: Final = "display:flex;align-items:center;gap:0.4rem"
_HIDDEN: Final = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
_NUMBER_WIDTH: Final = "3rem"


def probability_bars(
    probabilities: NDArray[np.floating], labels: Sequence[str], *, caption: str
) -> Html:
    """Draws one face's probabilities, most probable first.

    Args:
        probabilities: `(k,)`.
        labels: the k class names.
        caption: what has these probabilities; read aloud, not seen.

    Raises:
        ValueError: there is not one label per probability.
    """
    if probabilities.shape != (len(labels),):
        raise ValueError(
            f"Expected one probability for each of {len(labels)} labels. "
            f"Received: shape={probabilities.shape}"
        )
    order = np.argsort(-probabilities, kind="stable")
    rows = (_bar(labels[index], float(probabilities[index])) for index in order)
    return tag("table", tag("caption", caption, style=_HIDDEN), *rows, style=_TABLE)


def _bar(label: str, probability: float) -> Html:
    length = f"calc((100% - {_NUMBER_WIDTH}) * {probability:.4f})"
    bar = tag(
        "div",
        style=f"flex:none;width:{length};min-width:2px;height:1.1rem;border-radius:3px;"
        f"background:{color_of(label)}",
    )
    number = tag("span", f"{probability:.0%}")
    return tag(
        "tr",
        tag("th", label, scope="row", style=_LABEL),
        tag("td", tag("div", bar, number, style=_ROW), style=_CELL),
    )
