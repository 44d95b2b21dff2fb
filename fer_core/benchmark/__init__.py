"""Models and other packages on a user's own labeled photos: predictions, scores, slices."""

from fer_core.benchmark.evaluation_record import EntryRecord, EvaluationRecord
from fer_core.benchmark.evaluation_store import (
    BrokenEvaluation,
    EvaluationListing,
    EvaluationStore,
)
from fer_core.benchmark.photo_evaluation import (
    EntryKind,
    EvaluationEntry,
    LabeledRows,
    PhotoEvaluation,
)
from fer_core.benchmark.side_by_side import side_by_side
from fer_core.benchmark.split_evaluation import (
    PRE_CROPPED,
    known_splits,
    split_evaluation,
    split_predictions,
    split_rows,
)

__all__ = [
    "PRE_CROPPED",
    "BrokenEvaluation",
    "EntryKind",
    "EntryRecord",
    "EvaluationEntry",
    "EvaluationListing",
    "EvaluationRecord",
    "EvaluationStore",
    "LabeledRows",
    "PhotoEvaluation",
    "known_splits",
    "side_by_side",
    "split_evaluation",
    "split_predictions",
    "split_rows",
]
