"""One face's probabilities as bars, in plain HTML: fast to draw, and a table for screen readers.

A plotly figure takes a browser 25 ms, and a page may show a dozen of these.
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
    """Draws one face's probabilities, highest first.

    Args:
        probabilities: `(k,)`.
        labels: the k class names.
        caption: for screen readers only.

    Raises:
        ValueError: the number of labels and probabilities differ.
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
