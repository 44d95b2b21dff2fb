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

__all__ = [
    "BrokenEvaluation",
    "EntryKind",
    "EntryRecord",
    "EvaluationEntry",
    "EvaluationListing",
    "EvaluationRecord",
    "EvaluationStore",
    "LabeledRows",
    "PhotoEvaluation",
]
