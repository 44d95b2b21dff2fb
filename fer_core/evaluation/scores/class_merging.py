"""Merging classes: scores with several classes merged into one.

>>> class_merges(FERPLUS)
{'seven': (('neutral', ('neutral', 'contempt')),)}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fer_core.evaluation import SplitPredictions
from fer_core.labels import CKPLUS, FERPLUS, HIGH_LEVEL, high_level_of

Merge = tuple[str | None, tuple[str, ...]]
"""The name and the labels of a class that `merge_labels` makes."""


def class_merges(labels: tuple[str, ...]) -> dict[str, tuple[Merge, ...]]:
    """Returns the published coarser views of a dataset's classes, by how many classes they have.

    FER+ is also scored in FER2013's `seven`, with contempt merged into neutral, and CK+ in
    the `three` of its label table: negative, positive, surprise. Other label sets have none. CK+'s
    table itself deviates from this mapping for one sequence.
    """
    if labels == FERPLUS:
        return {"seven": (("neutral", ("neutral", "contempt")),)}
    if labels == CKPLUS:
        parts = ((name, _labels_in(name)) for name in HIGH_LEVEL)
        merges = tuple((name, part) for name, part in parts if part != (name,))
        return {"three": merges}
    return {}


def _labels_in(high_level: str) -> tuple[str, ...]:
    return tuple(label for label in CKPLUS if high_level_of(label) == high_level)


def merge_all(predictions: SplitPredictions, merges: Sequence[Merge]) -> SplitPredictions:
    """Applies several merges one after the other; a later one may name an earlier one's class.

    Raises:
        ValueError: as `merge_labels` does.
    """
    for name, merged in merges:
        predictions = merge_labels(predictions, merged, name=name)
    return predictions


def merge_labels(
    predictions: SplitPredictions, merged: Sequence[str], *, name: str | None = None
) -> SplitPredictions:
    """Returns the predictions with some classes merged into one, whose probability is their sum.

    Args:
        predictions: of one model on one split.
        merged: two or more of its labels, but not all; with a name, one is enough.
        name: of the merged class, which takes the position of the first merged one; by default
            all names joined, as in `"fear + surprise"`.

    Raises:
        ValueError: a name is unknown or occurs twice, or there are too few or too many.
    """
    labels = predictions.labels
    chosen = [label for label in labels if label in merged]
    fewest = 2 if name is None else 1
    if len(chosen) != len(merged) or not fewest <= len(chosen) < len(labels):
        raise ValueError(
            f"Expected {fewest} or more of the labels {', '.join(labels)}, but not all. "
            f"Received: {', '.join(merged) or 'none'}"
        )
    name = name or " + ".join(chosen)
    kept = tuple(
        name if label == chosen[0] else label for label in labels if label not in chosen[1:]
    )
    into = np.array([kept.index(name if label in chosen else label) for label in labels])
    summing = np.eye(len(kept), dtype=np.float32)[into]  # (k, classes kept)
    flip, crops = predictions.probabilities_flip, predictions.probabilities_crops
    return replace(
        predictions,
        labels=kept,
        label=into[predictions.label],
        probabilities=predictions.probabilities @ summing,
        probabilities_flip=None if flip is None else flip @ summing,
        probabilities_crops=None if crops is None else crops @ summing,
        cell_averages=None,
    )
