"""Scores of predictions: accuracy, F1, ROC AUC and confusion, with intervals."""

from fer_core.evaluation.scores.action_units import THRESHOLD, ActionUnitAverages, ActionUnitMetrics
from fer_core.evaluation.scores.bootstrap import (
    RESAMPLES,
    interval,
    percentiles,
    row_weights,
)
from fer_core.evaluation.scores.ckplus import CKPLUS_PROTOCOL_IN_WORDS, CkPlusMetrics
from fer_core.evaluation.scores.ckplus_predictions import SPLIT, CkPlusPredictions, ckplus_metrics
from fer_core.evaluation.scores.class_merging import Merge, class_merges, merge_all
from fer_core.evaluation.scores.classification import MissedRows, classification_metrics
from fer_core.evaluation.scores.confusion import (
    ConfusionMatrix,
    Normalization,
    confusion_matrix,
    contingency_table,
)
from fer_core.evaluation.scores.proportion import proportion
from fer_core.evaluation.scores.weakest_classes import (
    limits_with_weakest_classes,
    limits_with_weakest_units,
    limits_without_weakest_classes,
)
from fer_core.evaluation.scores.wilson import wilson

__all__ = [
    "CKPLUS_PROTOCOL_IN_WORDS",
    "RESAMPLES",
    "SPLIT",
    "THRESHOLD",
    "ActionUnitAverages",
    "ActionUnitMetrics",
    "CkPlusMetrics",
    "CkPlusPredictions",
    "ConfusionMatrix",
    "Merge",
    "MissedRows",
    "Normalization",
    "ckplus_metrics",
    "class_merges",
    "classification_metrics",
    "confusion_matrix",
    "contingency_table",
    "interval",
    "limits_with_weakest_classes",
    "limits_with_weakest_units",
    "limits_without_weakest_classes",
    "merge_all",
    "percentiles",
    "proportion",
    "row_weights",
    "wilson",
]
