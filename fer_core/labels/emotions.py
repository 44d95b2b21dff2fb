"""The label sets of facial expression recognition, their order, and mappings between them.

A model's label order is in its card; nothing in this project indexes labels by literal numbers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FER2013: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven classes of FER2013, in the order of its `emotion` column (0-6)."""

FERPLUS: Final = (*FER2013, "contempt")
"""The eight classes of FER+: FER2013's seven and contempt."""

CKPLUS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "contempt")
"""The seven classes of CK+, which has contempt and no neutral peak frames."""

HIGH_LEVEL: Final = ("negative", "positive", "surprise")
"""The coarse classes of CK+'s label table."""

COLORS: Final[dict[str, str]] = {
    "angry": "#d1495b",
    "disgust": "#6a994e",
    "fear": "#8e6bbf",
    "happy": "#e9a820",
    "sad": "#3d7ea6",
    "surprise": "#e07a3f",
    "neutral": "#7d8597",
    "contempt": "#a0527a",
}
"""One color per emotion, legible on light and dark backgrounds, the same in every figure."""

GRAY: Final = "#8b8f9c"
"""For everything that is not an emotion; legible on both backgrounds too."""

_SYNONYMS: Final[dict[str, str]] = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "afraid": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def color_of(label: str) -> str:
    """Returns the color of a class; gray if it is not an emotion."""
    return COLORS.get(label, GRAY)


def canonical_label(name: str) -> str:
    """Returns this project's spelling of an emotion: `"Anger"` and `"anger"` give `"angry"`.

    Raises:
        ValueError: `name` is not a known emotion.
    """
    lowered = name.strip().lower()
    label = _SYNONYMS.get(lowered, lowered)
    if label not in FERPLUS:
        raise ValueError(
            f"Unknown emotion. Expected one of {', '.join(FERPLUS)} (or a common synonym). "
            f"Received: name={name!r}"
        )
    return label


def high_level_of(label: str) -> str:
    """Returns the coarse class of an emotion: happy is positive, surprise a class of its own.

    The high-level column of the CK+ label table agrees for 326 of its 327 sequences with an emotion
    (exception: S124_003, fear, labeled positive).

    Raises:
        ValueError: `label` is neutral, which has no coarse class, or unknown.
    """
    if label == "neutral" or label not in FERPLUS:
        raise ValueError(f"Expected an emotion of CK+. Received: label={label!r}")
    return {"happy": "positive", "surprise": "surprise"}.get(label, "negative")


def high_level_probabilities(
    probabilities: NDArray[np.floating], labels: tuple[str, ...]
) -> NDArray[np.floating]:
    """Sums probabilities to those of the coarse classes.

    Args:
        probabilities: `(n, k)`, in the order of `labels`.
        labels: k emotions without neutral.

    Returns:
        `(n, 3)`, in the order of `HIGH_LEVEL`; sums are preserved.

    Raises:
        ValueError: a label has no coarse class.
    """
    groups = np.array([HIGH_LEVEL.index(high_level_of(label)) for label in labels])
    columns = [probabilities[:, groups == group].sum(axis=1) for group in range(len(HIGH_LEVEL))]
    return np.stack(columns, axis=1)
