"""The lowest threshold at which a model reaches a requested selective accuracy.

It is chosen on the validation split of each model, because models differ in accuracy at the same
threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

from fer_core.errors import ModelError, ThresholdError
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.reliability import ThresholdSweep, threshold_sweep
from fer_core.recognition.face_columns import UNCERTAIN_BELOW
from fer_core.zoo import ImportedCard, ModelCard, ModelStore, RunnableCard


@dataclass(frozen=True)
class ThresholdRequest:
    """A requested threshold, or the selective accuracy to choose it by; or neither.

    Attributes:
        threshold: predictions with a lower confidence are `uncertain`.
        accuracy: of the predictions that are not uncertain, on the model's validation split.
        guaranteed: whether the accuracy must hold for new faces too, with 95% confidence.

    Raises:
        ValueError: both are given, or one is not from 0 to 1.
    """

    threshold: float | None = None
    accuracy: float | None = None
    guaranteed: bool = False

    def __post_init__(self) -> None:
        given = [value for value in (self.threshold, self.accuracy) if value is not None]
        # Written so that NaN fails too.
        if len(given) == 2 or not all(0 <= value <= 1 for value in given):
            raise ValueError(f"Expected a threshold or an accuracy, from 0 to 1. Received: {self}")

    def for_model(self, card: RunnableCard, *, otherwise: float = UNCERTAIN_BELOW) -> float:
        """Returns the threshold to use with a model.

        Args:
            card: of the model.
            otherwise: the threshold if nothing was requested.

        Raises:
            ThresholdError: no threshold of this model reaches the accuracy, or the model has no
                predictions to choose it on.
        """
        if self.threshold is not None:
            return self.threshold
        if self.accuracy is not None:
            return threshold_for_accuracy(card, self.accuracy, guaranteed=self.guaranteed)
        return otherwise


def threshold_for_accuracy(
    card: RunnableCard, accuracy: float, *, guaranteed: bool = False
) -> float:
    """Returns the lowest threshold with at least this selective accuracy on the validation split.

    Args:
        card: of the model.
        accuracy: share of correct predictions among those not below the threshold, from 0 to 1.
        guaranteed: whether it must hold for new faces like those of that split too, with 95%
            confidence; see `ThresholdSweep.guaranteeing`.

    Raises:
        ThresholdError: no threshold of this model reaches it, or the model has no predictions on
            its validation split.
    """
    advice = "Give a threshold instead, or choose another model."
    if isinstance(card, ImportedCard):
        raise ThresholdError(
            f"A threshold for an accuracy is chosen on the validation split of {card.name}, which "
            f"was imported and has none. {advice}"
        )
    split = card.protocol.selection_split
    try:
        predictions = ModelStore.default().load_predictions(card.name).get(split)
    except ModelError as error:
        raise ThresholdError(
            f"A threshold for an accuracy is chosen on the validation split of {card.name}, whose "
            f"predictions cannot be read. {error} {advice}"
        ) from error
    if predictions is None or not len(predictions):
        raise ThresholdError(
            f"A threshold for an accuracy is chosen on the validation split of {card.name}, "
            f"{split}. Expected its predictions; there are none. {advice}"
        )
    sweep = selection_sweep(predictions, card)
    threshold = sweep.guaranteeing(accuracy) if guaranteed else sweep.reaching(accuracy)
    if threshold is None and guaranteed:
        raise ThresholdError(
            f"For no threshold of {card.name} is an accuracy of {accuracy:.1%} certain enough: its "
            f"validation split {split} has {len(predictions):,} faces. Request a lower accuracy."
        )
    if threshold is None:
        best = sweep.most_accurate
        raise ThresholdError(
            f"No threshold of {card.name} reaches an accuracy of {accuracy:.1%} on its validation "
            f"split {split}. The highest is {sweep.accuracy[best]:.1%}, at a threshold of "
            f"{sweep.threshold[best]:g}, where {sweep.coverage[best]:.1%} of the faces are not "
            "uncertain. Request a lower accuracy, or choose another model."
        )
    return threshold


def selection_sweep(predictions: SplitPredictions, card: ModelCard) -> ThresholdSweep:
    """Returns coverage and accuracy at every threshold, for choosing one.

    Training duplicates are excluded: a model is more often correct on them than on new faces. The
    confidence is that of photos, to which the threshold is applied.

    Args:
        predictions: of the model's validation split, at least one row.
        card: of the model.
    """
    others = predictions.without_training_duplicates()
    calibrated = card.photo_calibration.apply(others.probabilities)
    return threshold_sweep(calibrated, others.label)
