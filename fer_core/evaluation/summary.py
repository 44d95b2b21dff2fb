"""All that a card says about a model's answers, computed from `predictions.npz` alone."""

from __future__ import annotations

from collections.abc import Iterable

from fer_core.cards import ModelCard
from fer_core.evaluation.calibration import calibration_scores
from fer_core.evaluation.metrics import classification_metrics
from fer_core.evaluation.predictions import SplitPredictions
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


def rescored(card: ModelCard, predictions: Iterable[SplitPredictions]) -> ModelCard:
    """Returns the card with every number that follows from `predictions` computed again."""
    summary = summarize(predictions, card.protocol.selection_split)
    return ModelCard(**dict(card) | dict(summary))


def _calibration(
    predictions: SplitPredictions, temperature: float | None = None
) -> CalibrationScores:
    probabilities = predictions.probabilities
    if temperature is not None:
        probabilities = apply_temperature(probabilities, temperature)
    return calibration_scores(probabilities, predictions.label)
