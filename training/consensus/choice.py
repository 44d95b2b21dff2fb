"""Chooses the shares of a consensus, on its validation split and on photos from elsewhere.

A grid of few values, because there are only some hundred photos: the most accurate one on the
photos that loses at most `LARGEST_LOSS` on the validation split.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.reliability import Calibration

LARGEST_LOSS: Final = 0.007
"""Of accuracy on the validation split, compared with the first part alone."""

STEPS: Final = 10
"""Shares are multiples of one tenth."""

TEMPERATURES: Final = (1.0, 1.5, 2.0, 3.0)
PRIOR_EXPONENTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True, eq=False)
class Part:
    """A saved model or ensemble, of which a consensus takes a share.

    Attributes:
        name: of the model.
        validation: `(n, k)` float32, its probabilities of the classes on the validation split.
        photos: `(m, k)` float32, the same on the photos.
        other_classes: whether it was trained on other classes, so that its temperature is part of
            the choice; otherwise the probabilities are calibrated.
    """

    name: str
    validation: NDArray[np.float32]
    photos: NDArray[np.float32]
    other_classes: bool

    def tempered(self, temperature: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns both arrays, at this temperature if it applies."""
        if not self.other_classes:
            return self.validation, self.photos
        calibration = Calibration(temperature)
        return calibration.apply(self.validation), calibration.apply(self.photos)


@dataclass(frozen=True)
class Choice:
    """The chosen consensus and its scores, before a temperature of its own.

    Attributes:
        shares: of every part, in their order; sum 1.
        temperature: of the parts with other classes.
        prior_exponent: see `class_weights`.
        validation_accuracy, photo_accuracy: from 0 to 1.
        photo_nll: negative log-likelihood on the photos, in nats.
    """

    shares: tuple[float, ...]
    temperature: float
    prior_exponent: float
    validation_accuracy: float
    photo_accuracy: float
    photo_nll: float


def choose(
    parts: Sequence[Part],
    validation_label: NDArray[np.int64],
    photo_label: NDArray[np.int64],
    class_shares: NDArray[np.float64],
) -> Choice:
    """Returns the best choice: by accuracy on the photos, then by likelihood there.

    Args:
        parts: at least one; the first is the one to compare with on the validation split.
        validation_label: `(n,)` classes.
        photo_label: `(m,)` classes.
        class_shares: `(k,)`, of the training faces.
    """
    least = _accuracy(parts[0].validation, validation_label) - LARGEST_LOSS
    # The first part alone is always among them.
    allowed = (
        choice
        for choice in _choices(parts, validation_label, photo_label, class_shares)
        if choice.validation_accuracy >= least
    )
    return max(allowed, key=lambda choice: (choice.photo_accuracy, -choice.photo_nll))


def class_weights(class_shares: NDArray[np.float64], prior_exponent: float) -> NDArray[np.float64]:
    """Returns `(k,)` weights that divide out the shares of the classes in training, in part.

    Saerens et al. 2002, "Adjusting the outputs of a classifier to new a priori probabilities", with
    an exponent from 0, none of it, to 1. Their mean is 1.
    """
    weights = class_shares**-prior_exponent
    return np.asarray(weights / weights.mean())


def _choices(
    parts: Sequence[Part],
    validation_label: NDArray[np.int64],
    photo_label: NDArray[np.int64],
    class_shares: NDArray[np.float64],
) -> Iterator[Choice]:
    temperatures = TEMPERATURES if any(part.other_classes for part in parts) else (1.0,)
    for temperature in temperatures:
        tempered = [part.tempered(temperature) for part in parts]
        validation, photos = (np.stack(each) for each in zip(*tempered, strict=True))
        for shares in _shares(len(parts)):
            means = [np.tensordot(shares, stacked, axes=1) for stacked in (validation, photos)]
            for exponent in PRIOR_EXPONENTS:
                weights = class_weights(class_shares, exponent)
                on_validation, on_photos = (mean * weights for mean in means)
                on_photos /= on_photos.sum(axis=1, keepdims=True)
                of_label = on_photos[np.arange(len(photo_label)), photo_label]
                yield Choice(
                    shares=shares,
                    temperature=temperature,
                    prior_exponent=exponent,
                    validation_accuracy=_accuracy(on_validation, validation_label),
                    photo_accuracy=_accuracy(on_photos, photo_label),
                    photo_nll=float(-np.log(np.maximum(of_label, 1e-12)).mean()),
                )


def _shares(parts: int) -> Iterator[tuple[float, ...]]:
    for others in product(range(STEPS + 1), repeat=parts - 1):
        if sum(others) <= STEPS:
            yield tuple(steps / STEPS for steps in (STEPS - sum(others), *others))


def _accuracy(
    probabilities: NDArray[np.float32] | NDArray[np.float64], label: NDArray[np.int64]
) -> float:
    return float((probabilities.argmax(axis=1) == label).mean())
