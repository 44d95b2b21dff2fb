"""Temperature scaling: one number that makes a model's confidence honest.

Guo et al. 2017, "On calibration of modern neural networks". Logits are known up to a constant per
row as the logarithm of the probabilities, and softmax does not see that constant, so probabilities
are all that is needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RANGE = (0.05, 20.0)
"""Far wider than any network that was trained needs."""


def apply_temperature(
    probabilities: NDArray[np.float32], temperature: float
) -> NDArray[np.float32]:
    """Returns softmax of the logits divided by `temperature`.

    Args:
        probabilities: `(n, k)`, rows sum to 1.
        temperature: above 0; above 1 makes the answers less confident.

    Returns:
        `(n, k)` float32, rows sum to 1, in the same order of size.
    """
    scaled = _logits(probabilities) / temperature
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def fit_temperature(probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> float:
    """Returns the temperature with the least negative log-likelihood, to six decimals.

    Further ones differ between processors, and so would the cards that state them.

    Args:
        probabilities: `(n, k)`, rows sum to 1; n at least 1.
        label: `(n,)` true classes.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    logits = _logits(probabilities)
    of_label = logits[np.arange(len(label)), label]

    def loss(log_temperature: float) -> float:
        beta = np.exp(-log_temperature)
        return float((logsumexp(beta * logits, axis=1) - beta * of_label).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(_RANGE)), method="bounded")
    return round(float(np.exp(found.x)), 6)


def _logits(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    smallest = np.finfo(np.float32).tiny
    return np.log(np.maximum(probabilities, smallest), dtype=np.float64)
