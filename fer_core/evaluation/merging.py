"""Several classes counted as one: what would a coarser question score?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fer_core.evaluation.predictions import SplitPredictions


def merge_labels(predictions: SplitPredictions, merged: Sequence[str]) -> SplitPredictions:
    """Returns the predictions with some classes made into one, whose probability is their sum.

    The merged class stands where the first of them stood and is named after all of them, as in
    `"fear + surprise"`.

    Args:
        predictions: one model's answers on one split.
        merged: two or more of its labels, but not all of them.

    Raises:
        ValueError: a name is no label, occurs twice, or there are too few or too many.
    """
    labels = predictions.labels
    chosen = [label for label in labels if label in merged]
    if len(chosen) != len(merged) or not 2 <= len(chosen) < len(labels):
        raise ValueError(
            f"Expected two or more of the labels {', '.join(labels)}, but not all. "
            f"Received: {', '.join(merged) or 'none'}"
        )
    name = " + ".join(chosen)
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
