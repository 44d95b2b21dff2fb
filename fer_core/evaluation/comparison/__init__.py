"""Several models on the same rows: paired tests, differences, trade-offs."""

from fer_core.evaluation.comparison.accuracy_comparison import (
    PairwiseComparisons,
    compare_accuracy,
    compare_all,
)
from fer_core.evaluation.comparison.aligned_predictions import (
    AnswerTable,
    RowOrder,
    line_up,
    why_not_comparable,
)
from fer_core.evaluation.comparison.confusion_cells import (
    ANY,
    FEWEST_FACES,
    average_of_cell,
    rows_of_agreement,
    rows_of_cell,
    rows_of_difference,
)
from fer_core.evaluation.comparison.confusion_comparison import (
    ConfusionDifference,
    DifferenceUnit,
    answer_agreement,
    confusion_difference,
)
from fer_core.evaluation.comparison.disagreement import Agreement, ModelAnswer
from fer_core.evaluation.comparison.example_difficulty import (
    Difficulty,
    difficulty,
    hardest_first,
    models_that_err,
)
from fer_core.evaluation.comparison.pareto import ParetoFront, pareto_front
from fer_core.evaluation.comparison.significance import SIGNIFICANCE_LEVEL

__all__ = [
    "ANY",
    "FEWEST_FACES",
    "SIGNIFICANCE_LEVEL",
    "Agreement",
    "AnswerTable",
    "ConfusionDifference",
    "DifferenceUnit",
    "Difficulty",
    "ModelAnswer",
    "PairwiseComparisons",
    "ParetoFront",
    "RowOrder",
    "answer_agreement",
    "average_of_cell",
    "compare_accuracy",
    "compare_all",
    "confusion_difference",
    "difficulty",
    "hardest_first",
    "line_up",
    "models_that_err",
    "pareto_front",
    "rows_of_agreement",
    "rows_of_cell",
    "rows_of_difference",
    "why_not_comparable",
]
