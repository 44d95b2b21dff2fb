"""Everything in a card that follows from a model's predictions.npz."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fer_core.evaluation import (
    ClassificationMetrics,
    EvaluationProtocol,
    SplitPredictions,
    StrictModel,
    TemperatureEffect,
)
from fer_core.evaluation.reliability import Calibration, temperature_effect
from fer_core.evaluation.scores import (
    SPLIT,
    ckplus_metrics,
    class_merges,
    classification_metrics,
    limits_with_weakest_classes,
    limits_with_weakest_units,
    merge_all,
)
from fer_core.zoo.artifacts import read_ckplus_predictions, read_predictions
from fer_core.zoo.cards import ModelCard


class Summary(StrictModel):
    """Fields of `ModelCard` with the same names."""

    metrics: dict[str, dict[EvaluationProtocol, ClassificationMetrics]]
    seven_classes: ClassificationMetrics | None
    temperature: float | None
    label_smoothing: float
    calibration: dict[str, TemperatureEffect]


def summarize(
    predictions: Iterable[SplitPredictions], selection_split: str, report_split: str
) -> Summary:
    """Scores every split under every protocol, and fits temperature and label smoothing.

    Args:
        predictions: of one model.
        selection_split: the validation split, on which these are fitted, plain, without duplicates
            of training rows, on which a model is more accurate than on new faces.
        report_split: the test split, whose scores are reported.
    """
    splits = {split.split: split for split in predictions}
    selection = splits[selection_split].without_training_duplicates()
    calibration = Calibration.fit(selection.probabilities, selection.label)
    return Summary(
        metrics={
            name: {
                protocol: classification_metrics(split, protocol=protocol)
                for protocol in split.protocols
            }
            for name, split in splits.items()
        },
        seven_classes=_seven_classes(splits[report_split]),
        temperature=calibration.temperature,
        label_smoothing=calibration.label_smoothing,
        calibration={
            name: temperature_effect(split, calibration) for name, split in splits.items()
        },
    )


def rescored(card: ModelCard, path: Path) -> ModelCard:
    """Returns the card with every score recomputed from its predictions.

    Args:
        card: of a saved model.
        path: its predictions.npz.

    Raises:
        ModelError: the file is missing, damaged, or does not fit the card.
    """
    if card.ckplus is not None:
        metrics = ckplus_metrics(read_ckplus_predictions(path, card.labels, card.action_units))
        by_split = {SPLIT: {"plain": metrics.by_sequence.emotion}}
        limits = limits_with_weakest_units(card.limits, metrics)
        found = {"metrics": by_split, "ckplus": metrics, "limits": limits}
        return ModelCard(**dict(card) | found)
    predictions = read_predictions(path, card.labels)
    protocol = card.protocol
    summary = summarize(predictions.values(), protocol.selection_split, protocol.report_split)
    reported = summary.metrics[protocol.report_split]["plain"]
    limits = limits_with_weakest_classes(card.limits, reported)
    return ModelCard(**dict(card) | dict(summary) | {"limits": limits})


def _seven_classes(predictions: SplitPredictions) -> ClassificationMetrics | None:
    merges = class_merges(predictions.labels).get("seven")
    return None if merges is None else classification_metrics(merge_all(predictions, merges))
