"""Synthetic robustness results with a given number of correct predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.reliability.robustness import Robustness
from fer_core.preprocessing.corruptions import PROTOCOL


def robustness_of(
    correct: NDArray[np.int64],
    *,
    clean: int,
    rows: int,
    model: str = "a",
    split: str = "fer2013_private_test",
    weights: str = "0" * 64,
    protocol: str = PROTOCOL,
) -> Robustness:
    """Returns a result in which the first faces are predicted correctly.

    Args:
        correct: `(10, 5)`, number of correct predictions by corruption and severity.
        clean: number of correct predictions on uncorrupted faces.
        rows: number of faces, all of class 0; incorrect predictions are class 1.
        model, split, weights, protocol: fields of the result.
    """
    position = np.arange(rows)
    return Robustness(
        model,
        split,
        weights,
        protocol,
        row_id=position,
        label=np.zeros(rows, np.int64),
        clean=(position >= clean).astype(np.uint8),
        predicted=(position >= correct[..., np.newaxis]).astype(np.uint8),
    )
