"""Metrics and comparisons: arrays in, frozen results out. No cards, files or figures."""

from fer_core.evaluation.predictions import SUM_TOLERANCE, SplitPredictions, stored_rows
from fer_core.evaluation.result_types import (
    PROTOCOLS,
    CalibrationError,
    CalibrationScores,
    ClassificationMetrics,
    ClassScore,
    Count,
    EvaluationProtocol,
    Fraction,
    Interval,
    Score,
    StrictModel,
    TemperatureEffect,
)
from fer_core.evaluation.sequences import Sequences
from fer_core.evaluation.validation_defects import list_defects

__all__ = [
    "PROTOCOLS",
    "SUM_TOLERANCE",
    "CalibrationError",
    "CalibrationScores",
    "ClassScore",
    "ClassificationMetrics",
    "Count",
    "EvaluationProtocol",
    "Fraction",
    "Interval",
    "Score",
    "Sequences",
    "SplitPredictions",
    "StrictModel",
    "TemperatureEffect",
    "list_defects",
    "stored_rows",
]
