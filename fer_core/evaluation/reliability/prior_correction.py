"""Probabilities for other class shares than those in training.

A network learns how frequent each class is in training, and in doubt prefers the frequent ones.
Where other faces have other shares, its calibrated probabilities are multiplied by the ratio of the
new to the old share of each class and renormalized (Saerens, Latinne and Decaestecker 2002,
"Adjusting the outputs of a classifier to new a priori probabilities"). This is exact if only the
shares differ, and the faces of a class look as those in training. Otherwise it may hurt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import PriorError

FEWEST_FOR_A_PRIOR: Final = 200
"""Class shares are not estimated from fewer faces."""

_MOST_ITERATIONS: Final = 2000
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class EstimatedPrior:
    """Class shares that were estimated from faces without labels.

    Attributes:
        shares: `(k,)` float64; they sum to 1.
        faces: number of faces.
        iterations: until no share changed by more than one in a million.
    """

    shares: NDArray[np.float64]
    faces: int
    iterations: int


def flattened_prior(training: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    """Returns the training shares divided by themselves to a power, renormalized.

    To change probabilities to this prior is to divide them by the training prior to that power: 0
    leaves them as they are, 1 makes all classes equally frequent.

    Args:
        training: `(k,)` shares of the classes in training, above 0.
        power: from 0 to 1.

    Raises:
        ValueError: `power` is out of range.
    """
    if not 0 <= power <= 1:  # also rejects NaN
        raise ValueError(f"power must be from 0 to 1. Received: {power}")
    weights = np.asarray(training ** (1 - power), np.float64)
    return np.asarray(weights / weights.sum(), np.float64)


def change_prior(
    probabilities: NDArray[np.float32],
    training: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Returns the probabilities of faces whose classes have other shares than in training.

    Args:
        probabilities: `(n, k)`, calibrated; rows sum to 1.
        training: `(k,)` shares of the classes in training, above 0.
        prior: `(k,)` their shares among these faces.

    Returns:
        `(n, k)` float32; rows sum to 1.
    """
    weighted = np.maximum(probabilities.astype(np.float64), np.finfo(np.float32).tiny)
    weighted *= prior / training
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True), np.float32)


def without_bias(
    probabilities: NDArray[np.float32],
    selection: NDArray[np.float32],
    label: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Multiplies each class by a factor with which its mean probability is its share.

    A temperature is fitted for the most probable class and leaves rare classes biased. That
    misleads `estimate_prior` (Alexandari, Kundaje and Shrikumar 2020, "Maximum likelihood with
    bias-corrected calibration is hard-to-beat at label shift adaptation").
    The factors maximize the likelihood of the labels; they are found by scaling columns and rows in
    turn (Sinkhorn 1967).

    Args:
        probabilities: `(n, k)`, calibrated; rows sum to 1.
        selection: `(m, k)`, the same on the rows that the factors are fitted on.
        label: `(m,)` their true classes, of which each occurs.

    Returns:
        `(n, k)` float32; rows sum to 1.

    Raises:
        ValueError: a class does not occur.
    """
    count = np.bincount(label, minlength=selection.shape[1])
    if not count.all():
        raise ValueError(f"Expected a row of every class. Received: counts={count.tolist()}")
    shares, found = count / len(label), np.ones(len(count))
    for _ in range(_MOST_ITERATIONS):
        mean = change_prior(selection, np.ones(len(count)), found).mean(axis=0, dtype=np.float64)
        found = found * shares / mean
        if np.abs(mean - shares).max() < _TOLERANCE:
            break
    return change_prior(probabilities, np.ones(len(count)), found)


def estimate_prior(
    probabilities: NDArray[np.float32], training: NDArray[np.float64]
) -> EstimatedPrior:
    """Estimates the class shares among faces without labels.

    Their likelihood is maximized by the EM algorithm of Saerens et al. 2002: change the
    probabilities to the shares so far, take their mean over the faces as the new shares, repeat.

    Args:
        probabilities: `(n, k)`, calibrated, from `without_bias`; rows sum to 1.
        training: `(k,)` shares of the classes where they were calibrated, above 0.

    Raises:
        PriorError: there are fewer faces than `FEWEST_FOR_A_PRIOR`, or the shares do not converge.
    """
    faces = len(probabilities)
    if faces < FEWEST_FOR_A_PRIOR:
        raise PriorError(
            f"Class shares are estimated from {FEWEST_FOR_A_PRIOR} faces or more. Received: "
            f"{faces} faces. State a power instead, or leave the probabilities as they are."
        )
    ratio = np.maximum(probabilities.astype(np.float64), np.finfo(np.float32).tiny) / training
    shares = np.asarray(training / training.sum(), np.float64)
    for iteration in range(1, _MOST_ITERATIONS + 1):
        weighted = ratio * shares
        new = np.asarray((weighted / weighted.sum(axis=1, keepdims=True)).mean(axis=0), np.float64)
        change, shares = np.abs(new - shares).max(), new
        if change < _TOLERANCE:
            return EstimatedPrior(shares, faces, iteration)
    raise PriorError(
        f"The class shares of these {faces:,} faces do not converge: they hardly say how frequent "
        "each class is. State a power instead, or leave the probabilities as they are."
    )
