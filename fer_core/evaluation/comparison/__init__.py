"""Comparison of models on the same rows: paired tests, differences, trade-offs."""

from fer_core.evaluation.comparison.accuracy_comparison import (
    AccuracyComparison,
    PairwiseComparisons,
    compare_accuracy,
    compare_all,
    compare_all_correctness,
    compare_correctness,
)
from fer_core.evaluation.comparison.aligned_predictions import (
    AlignedPredictions,
    RowOrder,
    align_predictions,
    incomparability_reason,
)
from fer_core.evaluation.comparison.confusion_cells import (
    ANY,
    MIN_FACES,
    average_of_cell,
    rows_of_agreement,
    rows_of_cell,
    rows_of_difference,
)
from fer_core.evaluation.comparison.confusion_comparison import (
    ConfusionDifference,
    DifferenceUnit,
    confusion_difference,
    prediction_agreement,
)
from fer_core.evaluation.comparison.disagreement import Agreement, ModelPrediction
from fer_core.evaluation.comparison.example_difficulty import (
    Difficulty,
    difficulty,
    error_counts,
    hardest_first,
)
from fer_core.evaluation.comparison.other_labels import OtherLabels, against_other_labels
from fer_core.evaluation.comparison.pareto import ParetoFront, pareto_front
from fer_core.evaluation.comparison.significance import SIGNIFICANCE_LEVEL, holm

__all__ = [
    "ANY",
    "MIN_FACES",
    "SIGNIFICANCE_LEVEL",
    "AccuracyComparison",
    "Agreement",
    "AlignedPredictions",
    "ConfusionDifference",
    "DifferenceUnit",
    "Difficulty",
    "ModelPrediction",
    "OtherLabels",
    "PairwiseComparisons",
    "ParetoFront",
    "RowOrder",
    "against_other_labels",
    "align_predictions",
    "average_of_cell",
    "compare_accuracy",
    "compare_all",
    "compare_all_correctness",
    "compare_correctness",
    "confusion_difference",
    "difficulty",
    "error_counts",
    "hardest_first",
    "holm",
    "incomparability_reason",
    "pareto_front",
    "prediction_agreement",
    "rows_of_agreement",
    "rows_of_cell",
    "rows_of_difference",
]
