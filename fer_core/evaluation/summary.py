"""All that a card says about a model's answers, computed from `predictions.npz` alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fer_core.cards import ModelCard
from fer_core.evaluation.calibration import calibration_scores
from fer_core.evaluation.ckplus_predictions import SPLIT, ckplus_metrics, read_ckplus_predictions
from fer_core.evaluation.metrics import classification_metrics
from fer_core.evaluation.predictions import SplitPredictions, read_predictions
from fer_core.evaluation.scores import (
    CalibrationScores,
    ClassificationMetrics,
    EvaluationProtocol,
    StrictModel,
    TemperatureEffect,
)
from fer_core.temperature import apply_temperature, fit_temperature


class Summary(StrictModel):
    """What `ModelCard` has under the same names."""

    metrics: dict[str, dict[EvaluationProtocol, ClassificationMetrics]]
    temperature: float
    calibration: dict[str, TemperatureEffect]


def summarize(predictions: Iterable[SplitPredictions], selection_split: str) -> Summary:
    """Scores every split under every protocol, and fits the temperature.

    Args:
        predictions: of one model.
        selection_split: the split the temperature is fitted on, plain.
    """
    splits = {split.split: split for split in predictions}
    selection = splits[selection_split]
    temperature = fit_temperature(selection.probabilities, selection.label)
    return Summary(
        metrics={
            name: {
                protocol: classification_metrics(split, protocol=protocol)
                for protocol in split.protocols
            }
            for name, split in splits.items()
        },
        temperature=temperature,
        calibration={
            name: TemperatureEffect(
                before=_calibration(split), after=_calibration(split, temperature)
            )
            for name, split in splits.items()
        },
    )


def rescored(card: ModelCard, path: Path) -> ModelCard:
    """Returns the card with every number that follows from its predictions computed again.

    Args:
        card: of a saved model.
        path: its predictions.npz.

    Raises:
        ModelError: the file is missing, damaged, or does not fit the card.
    """
    if card.ckplus is not None:
        metrics = ckplus_metrics(read_ckplus_predictions(path, card.labels, card.action_units))
        by_split = {SPLIT: {"plain": metrics.by_frame.emotion}}
        return ModelCard(**dict(card) | {"metrics": by_split, "ckplus": metrics})
    predictions = read_predictions(path, card.labels)
    summary = summarize(predictions.values(), card.protocol.selection_split)
    return ModelCard(**dict(card) | dict(summary))


def _calibration(
    predictions: SplitPredictions, temperature: float | None = None
) -> CalibrationScores:
    probabilities = predictions.probabilities
    if temperature is not None:
        probabilities = apply_temperature(probabilities, temperature)
    return calibration_scores(probabilities, predictions.label)
