"""Temperature scaling, with removal of label smoothing where needed.

Guo et al. 2017, "On calibration of modern neural networks". The logarithm of the probabilities is
the logits up to a constant per row, and softmax is invariant to that constant, so probabilities are
sufficient.

A model trained with label smoothing s (Szegedy et al. 2016) outputs p = (1 - s) q + s / k instead
of q: its confidence never exceeds 1 - s + s / k, which no temperature corrects without making it
overconfident elsewhere. So s is removed first if the predictions support it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RANGE = (0.05, 20.0)
"""Far wider than any trained network needs."""

_SMOOTHINGS = np.arange(0, 21) / 100
_STANDARD_ERRORS = 2.0
_LEAST_SHARE = 0.01
"""Fraction of a probability that always remains, so that none becomes 0 and order is kept."""


@dataclass(frozen=True)
class Calibration:
    """How a model's raw probabilities are calibrated.

    Attributes:
        temperature: divides the logits before softmax, above 0; above 1 lowers confidence. None
            leaves probabilities as they are.
        label_smoothing: of the training labels, removed first; from 0 to below 1.
    """

    temperature: float | None = None
    label_smoothing: float = 0.0

    def apply(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Removes label smoothing, divides the logits by the temperature and applies softmax.

        Args:
            probabilities: `(n, k)`, rows sum to 1.

        Returns:
            `(n, k)` float32, rows sum to 1; the order of the classes by probability is kept.
        """
        if self.temperature is None:
            return probabilities
        scaled = _logits(probabilities, self.label_smoothing) / self.temperature
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)

    def undo(self, calibrated: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns the probabilities that `apply` calibrates to these.

        Args:
            calibrated: `(n, k)`, rows sum to 1.

        Returns:
            `(n, k)` float32, rows sum to 1; exact but for rounding, and for classes that label
            smoothing made less probable than any could be.
        """
        if self.temperature is None:
            return calibrated
        scaled = _logits(calibrated, 0.0) * self.temperature
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
        weights /= weights.sum(axis=1, keepdims=True)
        smoothing = self.label_smoothing
        return np.asarray((1 - smoothing) * weights + smoothing / weights.shape[1], np.float32)

    @classmethod
    def fit(cls, probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> Calibration:
        """Fits temperature and label smoothing by minimal negative log-likelihood.

        Smoothing is 0 unless it raises the likelihood significantly: by more than the Bayesian
        information criterion (Schwarz 1978) requires for one more parameter, by at least two
        standard errors (Vuong 1989, "Likelihood ratio tests for model selection and non-nested
        hypotheses"). A few rows dominate, those whose true class has almost no probability, so the
        standard error is large.

        Args:
            probabilities: `(n, k)`, rows sum to 1; n at least 1.
            label: `(n,)` true classes.

        Returns:
            The temperature to six decimals and the smoothing to two. Further decimals differ
            between processors, and so would the cards that state them.
        """
        fits = [_fit(_logits(probabilities, smoothing), label) for smoothing in _SMOOTHINGS]
        best = int(np.argmin([nll.mean() for _, nll in fits]))
        gain = fits[0][1] - fits[best][1]
        standard_error = gain.std() * np.sqrt(len(gain))
        if gain.sum() - np.log(len(gain)) / 2 <= _STANDARD_ERRORS * standard_error:
            best = 0
        return cls(fits[best][0], float(_SMOOTHINGS[best]))

    @staticmethod
    def fit_temperature(probabilities: NDArray[np.float32], label: NDArray[np.int64]) -> float:
        """Fits a temperature alone; arguments and decimals as for `fit`."""
        return _fit(_logits(probabilities, 0.0), label)[0]


def _fit(
    logits: NDArray[np.float64], label: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """The best temperature, and the `(n,)` negative log-likelihoods that it leaves."""
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    of_label = logits[np.arange(len(label)), label]

    def nll(log_temperature: float) -> NDArray[np.float64]:
        beta = np.exp(-log_temperature)
        return np.asarray(logsumexp(beta * logits, axis=1) - beta * of_label)

    found = minimize_scalar(
        lambda log_temperature: nll(log_temperature).mean(),
        bounds=tuple(np.log(_RANGE)),
        method="bounded",
    )
    return round(float(np.exp(found.x)), 6), nll(found.x)


def _logits(probabilities: NDArray[np.float32], smoothing: float) -> NDArray[np.float64]:
    exact = np.asarray(probabilities, np.float64)
    if smoothing:
        exact = np.maximum(exact - smoothing / exact.shape[1], _LEAST_SHARE * exact)
    return np.log(np.maximum(exact, np.finfo(np.float32).tiny))
