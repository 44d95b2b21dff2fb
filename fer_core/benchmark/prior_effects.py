"""What prior correction costs a saved model at home, and what it gains on other datasets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.outside_scores import outside_predictions
from fer_core.benchmark.photo_evaluation import PhotoEvaluation
from fer_core.errors import PriorError
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import AccuracyComparison, compare_correctness
from fer_core.evaluation.reliability import (
    change_prior,
    estimate_prior,
    flattened_prior,
    without_bias,
)
from fer_core.labels import split_title
from fer_core.recognition import training_shares
from fer_core.zoo import ModelCard


@dataclass(frozen=True)
class PriorEffect:
    """The accuracy of a model on labeled faces with other class shares, less that without.

    Attributes:
        flattened: the training shares divided by their power.
        estimated: the shares estimated from the same faces without their labels; None where that
            is refused.
    """

    flattened: AccuracyComparison
    estimated: AccuracyComparison | None


def prior_effects(
    card: ModelCard,
    splits: Mapping[str, SplitPredictions],
    evaluations: Iterable[PhotoEvaluation],
    power: float,
) -> Mapping[str, PriorEffect]:
    """Measures prior correction on the test split and on other datasets.

    Args:
        card: of the model.
        splits: its predictions by split; nothing is fitted on the test split.
        evaluations: on other datasets; those without the model's present weights are left out.
        power: of the training shares, see `flattened_prior`.

    Returns:
        By title of the dataset, the test split first; on the faces found.

    Raises:
        PriorError: the class shares in training are unknown.
    """
    protocol = card.protocol
    home = {split_title(protocol.report_split): splits[protocol.report_split]}
    selection = splits[protocol.selection_split].without_training_duplicates()
    return {
        title: _effect(card, selection, each, power)
        for title, each in (home | outside_predictions(card, evaluations)).items()
    }


def _effect(
    card: ModelCard, selection: SplitPredictions, faces: SplitPredictions, power: float
) -> PriorEffect:
    training, calibration = training_shares(card), card.fitted_calibration
    probabilities = calibration.apply(faces.probabilities)

    def gain(changed: NDArray[np.float32]) -> AccuracyComparison:
        is_correct = changed.argmax(axis=1) == faces.label
        return compare_correctness(is_correct, faces.is_correct, subject=faces.subject)

    # Bias is removed on the validation split, so the shares are those of the validation split.
    shares = np.bincount(selection.label, minlength=len(card.labels)) / len(selection)
    own = calibration.apply(selection.probabilities)
    unbiased = without_bias(probabilities, own, selection.label)
    try:
        estimated = change_prior(unbiased, shares, estimate_prior(unbiased, shares).shares)
    except PriorError:
        estimated = None
    return PriorEffect(
        flattened=gain(change_prior(probabilities, training, flattened_prior(training, power))),
        estimated=None if estimated is None else gain(estimated),
    )
