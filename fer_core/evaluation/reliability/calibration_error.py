"""Expected calibration error with its noise floor and a test of calibration.

The expected calibration error (ECE) is the mean gap between probability and frequency over bins.
Noise can only increase it, so even a calibrated model has an ECE above 0. It is therefore debiased
and reported with its noise floor and a test of calibration:

- Bins hold equally many rows (Nguyen and O'Connor 2015, "Posterior calibration and exploratory
  analysis for natural language processing models"), so no gap rests on a handful of rows.
- The bias is estimated as in Kumar, Liang and Ma 2019, "Verified uncertainty calibration", and
  Roelofs et al. 2022, "Mitigating bias in calibration error estimation": a bin's gap is taken
  as normal around the observed one, and the resulting increase of the error is subtracted.
- Noise floor and p-value are those of consistency resampling (Bröcker and Smith 2007, "Increasing
  the reliability of reliability diagrams"; Vaicenavicius et al. 2019, "Evaluating model calibration
  in classification"): outcomes are drawn repeatedly from the predicted probabilities, as for a
  calibrated model on as many rows.

No interval of ECE is reported: near 0 the bootstrap interval does not cover the true error.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import CalibrationError
from fer_core.evaluation.scores import RESAMPLES

EQUAL_MASS_BINS: Final = 15
_FEWEST_ROWS: Final = 10
"""Per bin; with few rows there are fewer bins."""

_RESAMPLES_AT_ONCE: Final = 250


def calibration_error(
    probability: NDArray[np.floating],
    occurred: NDArray[np.bool_],
    *,
    resamples: int = RESAMPLES,
) -> CalibrationError:
    """Measures the calibration of probabilities of one event, such as a correct prediction.

    Args:
        probability: `(n,)` from 0 to 1; n at least 1.
        occurred: `(n,)` whether the event occurred.
        resamples: of the outcomes, for noise floor and p-value; the seed is fixed.
    """
    ordered, starts, order = _binned(probability)
    found = _debiased_error(ordered, occurred[order][None].astype(np.float64), starts)[0]
    rng = np.random.default_rng(0)
    drawn = np.concatenate(
        [
            _debiased_error(ordered, _outcomes(rng, ordered, size), starts)
            for size in _parts(resamples)
        ]
    )
    # If the model is calibrated, the observed outcomes are one more draw (Davison and Hinkley
    # 1997, section 4.2), so the p-value is exact for any number of resamples.
    as_large = int((drawn >= found).sum())
    return CalibrationError(
        value=float(np.clip(found, 0, 1)),
        noise_floor=float(np.clip(drawn, 0, 1).mean()),
        p_value=(1 + as_large) / (1 + resamples),
    )


def largest_gap(probability: NDArray[np.floating], occurred: NDArray[np.bool_]) -> float:
    """Returns the largest gap of the same bins (MCE); noise increases it.

    Args:
        probability: `(n,)` from 0 to 1; n at least 1.
        occurred: `(n,)` whether the event occurred.
    """
    ordered, starts, order = _binned(probability)
    gap, _, _ = _gaps(ordered, occurred[order][None].astype(np.float64), starts)
    return float(np.abs(gap).max())


def _binned(
    probability: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Sorts probabilities and finds the starts of equal-mass bins.

    Equal probabilities share a bin, so the order of the rows does not matter.

    Returns:
        `(n,)` in ascending order, `(bins,)` positions in it, and `(n,)` the order.
    """
    rows = len(probability)
    order = np.argsort(probability, kind="stable")
    ordered = probability[order].astype(np.float64)
    bins = int(np.clip(rows // _FEWEST_ROWS, 1, EQUAL_MASS_BINS))
    equal = np.arange(bins) * rows // bins
    return ordered, np.unique(np.searchsorted(ordered, ordered[equal])), order


def _gaps(
    probability: NDArray[np.float64], outcome: NDArray[np.float64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Mean probability minus frequency, and its standard error, `(m, bins)`; rows of each bin."""
    count = np.diff(np.append(starts, len(probability)))
    excess = probability - outcome
    gap = np.add.reduceat(excess, starts, axis=1) / count
    variance = np.add.reduceat(excess**2, starts, axis=1) / count - gap**2
    standard_error = np.sqrt(np.maximum(variance, 0) / np.maximum(count - 1, 1))
    return gap, standard_error, count


def _debiased_error(
    probability: NDArray[np.float64], outcome: NDArray[np.float64], starts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """ECE minus the estimate of its bias, `(m,)`; below 0 if the gaps are smaller than noise.

    A normal variable with mean g and standard deviation s has the mean absolute value
    `s * sqrt(2 / pi) * exp(-g ** 2 / (2 * s ** 2)) + g * (1 - 2 * Phi(-g / s))` (Leone, Nelson and
    Nottingham 1961, "The folded normal distribution"); its excess over |g| is the bias.
    """
    from scipy.special import ndtr

    gap, deviation, count = _gaps(probability, outcome, starts)
    ratio = np.divide(gap, deviation, out=np.zeros_like(gap), where=deviation > 0)
    noisy_size = np.where(
        deviation > 0,
        deviation * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + gap * (1 - 2 * ndtr(-ratio)),
        np.abs(gap),
    )
    size: NDArray[np.float64] = 2 * np.abs(gap) - noisy_size
    error: NDArray[np.float64] = (size * count).sum(axis=1) / len(probability)
    return error


def _outcomes(
    rng: np.random.Generator, probability: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Draws events with these probabilities, `(size, n)`, 0 or 1."""
    return (rng.random((size, len(probability))) < probability).astype(np.float64)


def _parts(resamples: int) -> list[int]:
    whole, rest = divmod(resamples, _RESAMPLES_AT_ONCE)
    return [_RESAMPLES_AT_ONCE] * whole + [rest] * (rest > 0)
