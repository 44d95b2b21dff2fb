"""Invented results of robustness with as many correct predictions as a test asks for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.trust.robustness import Robustness
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
        correct: `(10, 5)`, how many by corruption and severity.
        clean: how many on undisturbed faces.
        rows: faces, all of class 0; what is incorrect is predicted as class 1.
        model, split, weights, protocol: of the result.
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
