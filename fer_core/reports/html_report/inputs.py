"""One model of a report, with everything the report shows of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation import SplitPredictions, TemperatureEffect
from fer_core.evaluation.reliability import Robustness, temperature_effect
from fer_core.training_logs import TrainingRun, saved_run
from fer_core.zoo import PREDICTIONS_FILE, ModelCard, ModelStore


@dataclass(frozen=True, eq=False)
class ReportInput:
    """A saved model on its report split, plain.

    Attributes:
        card: of the model.
        finished: the day its weights, or the last of its members' weights, were finished; None
            if unknown.
        checksum: SHA-256 of its predictions.npz.
        predictions: n rows of the report split.
        calibrated: `(n, k)` plain probabilities after temperature scaling.
        run: its training run; None for an ensemble, or if history.csv cannot be read.
        robustness: predictions for corrupted faces; None if not measured with these weights and
            the current corruptions, or if robustness.npz cannot be read.
    """

    card: ModelCard
    finished: date | None
    checksum: str
    predictions: SplitPredictions
    calibrated: NDArray[np.float32]
    run: TrainingRun | None
    robustness: Robustness | None

    @property
    def calibration(self) -> TemperatureEffect:
        """The effect of the temperature: from the card, or else computed."""
        stored = self.card.calibration.get(self.predictions.split)
        return stored or temperature_effect(self.predictions, self.card.fitted_calibration)


def load_report_input(card: ModelCard) -> ReportInput:
    """Reads the files of a saved model.

    Raises:
        ModelError: its predictions are missing, damaged, or have no rows of its report split; or
            it is an ensemble and a member has changed.
    """
    split = card.protocol.report_split
    store = ModelStore.default()
    predictions = store.load_predictions(card.name).get(split)
    if predictions is None or len(predictions) == 0:
        raise ModelError(
            f"The predictions of {card.name!r} are not valid: expected rows of {split}, the split "
            "its card reports on. Received: none"
        )
    plain = predictions.probabilities
    path = store.model_folder(card.name) / PREDICTIONS_FILE
    return ReportInput(
        card=card,
        finished=_finished(card),
        checksum=hashlib.sha256(path.read_bytes()).hexdigest(),
        predictions=predictions,
        calibrated=card.fitted_calibration.apply(plain),
        run=_run(card),
        robustness=_robustness(card),
    )


def _finished(card: ModelCard) -> date | None:
    cards = ModelStore.default().verified_members(card.name).values() or (card,)
    return max((each.training.finished for each in cards if each.training), default=None)


def _run(card: ModelCard) -> TrainingRun | None:
    try:
        return None if card.members else saved_run(card)
    except ModelError:
        return None


def _robustness(card: ModelCard) -> Robustness | None:
    try:
        found = ModelStore.default().load_robustness(card.name)
    except ModelError:
        return None
    return found if found is not None and found.is_current(card.weights.sha256) else None
