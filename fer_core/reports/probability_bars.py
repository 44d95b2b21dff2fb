"""One face's probabilities as bars, in plain HTML: drawn at once, and a table to a screen reader.

A Plotly figure takes 25 ms of a browser each, and a page may show a dozen of these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.labels import color_of
from fer_core.reports.templating import TEMPLATES


def probability_bars(
    probabilities: NDArray[np.floating], labels: Sequence[str], *, caption: str
) -> str:
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
    bars = [
        (labels[index], color_of(labels[index]), float(probabilities[index])) for index in order
    ]
    return TEMPLATES.get_template("probability_bars.html").render(bars=bars, caption=caption)
