"""Temperature scaling: one number that makes a model's confidence honest, or two.

Guo et al. 2017, "On calibration of modern neural networks". Logits are known up to a constant per
row as the logarithm of the probabilities, and softmax does not see that constant, so probabilities
are all that is needed.

A model that learned from smoothed labels (Szegedy et al. 2016) gives p = (1 - s) q + s / k for the
probabilities q it would give otherwise: it is never surer than 1 - s + s / k, which no temperature
changes without making it too sure elsewhere. So where the answers show it, s is taken out first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RANGE = (0.05, 20.0)
"""Far wider than any network that was trained needs."""

_SMOOTHINGS = np.arange(0, 21) / 100
_STANDARD_ERRORS = 2.0
_LEAST_SHARE = 0.01
"""What is left of a probability at least, so that none becomes 0 and their order stays."""


@dataclass(frozen=True)
class Calibration:
    """What is done to a model's probabilities before anybody sees them.

    Attributes:
        temperature: divides the logits before softmax, above 0; above 1 lowers confidence. None
            leaves probabilities as they are.
        label_smoothing: of the labels the model learned from, taken out before; from 0 to below 1.
    """

    temperature: float | None = None
    label_smoothing: float = 0.0

    def apply(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns softmax of the logits, without label smoothing, divided by the temperature.

        Args:
            probabilities: `(n, k)`, rows sum to 1.

        Returns:
            `(n, k)` float32, rows sum to 1, in the same order of size.
        """
        if self.temperature is None:
            return probabilities
        scaled = _logits(probabilities, self.label_smoothing) / self.temperature
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)

    @classmethod
    def fit(cls, probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> Calibration:
        """Fits temperature and label smoothing by the least negative log-likelihood.

        Smoothing is 0 unless it raises the likelihood by more than chance would: by more than the
        Bayesian information criterion (Schwarz 1978) asks of one more number, and that by two
        standard errors (Vuong 1989, "Likelihood ratio tests for model selection and non-nested
        hypotheses"). A few rows decide, those whose true class was given almost nothing, so the
        standard error is large.

        Args:
            probabilities: `(n, k)`, rows sum to 1; n at least 1.
            label: `(n,)` true classes.

        Returns:
            The temperature to six decimals and the smoothing to two. Further ones differ between
            processors, and so would the cards that state them.
        """
        fits = [_fit(_logits(probabilities, smoothing), label) for smoothing in _SMOOTHINGS]
        best = int(np.argmin([surprise.mean() for _, surprise in fits]))
        gain = fits[0][1] - fits[best][1]
        standard_error = gain.std() * np.sqrt(len(gain))
        if gain.sum() - np.log(len(gain)) / 2 <= _STANDARD_ERRORS * standard_error:
            best = 0
        return cls(fits[best][0], float(_SMOOTHINGS[best]))


def _fit(
    logits: NDArray[np.float64], label: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """The best temperature, and the `(n,)` negative log-likelihoods that it leaves."""
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    of_label = logits[np.arange(len(label)), label]

    def surprise(log_temperature: float) -> NDArray[np.float64]:
        beta = np.exp(-log_temperature)
        return np.asarray(logsumexp(beta * logits, axis=1) - beta * of_label)

    found = minimize_scalar(
        lambda log_temperature: surprise(log_temperature).mean(),
        bounds=tuple(np.log(_RANGE)),
        method="bounded",
    )
    return round(float(np.exp(found.x)), 6), surprise(found.x)


def _logits(probabilities: NDArray[np.float32], smoothing: float) -> NDArray[np.float64]:
    exact = np.asarray(probabilities, np.float64)
    if smoothing:
        exact = np.maximum(exact - smoothing / exact.shape[1], _LEAST_SHARE * exact)
    return np.log(np.maximum(exact, np.finfo(np.float32).tiny))
