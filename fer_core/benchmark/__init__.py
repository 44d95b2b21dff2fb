"""Models and other packages on a user's own labeled photos: predictions, scores, slices."""

from fer_core.benchmark.photo_evaluation import (
    NO_FACE,
    EntryKind,
    EvaluationEntry,
    LabeledRows,
    PhotoEvaluation,
)
from fer_core.benchmark.slices import FEWEST_PHOTOS, Slice, SliceReport, slice_report
from fer_core.benchmark.summary import (
    EntryScores,
    EvaluationSummary,
    RefittedCalibration,
    missed_rows,
    summarize,
)

__all__ = [
    "FEWEST_PHOTOS",
    "NO_FACE",
    "EntryKind",
    "EntryScores",
    "EvaluationEntry",
    "EvaluationSummary",
    "LabeledRows",
    "PhotoEvaluation",
    "RefittedCalibration",
    "Slice",
    "SliceReport",
    "missed_rows",
    "slice_report",
    "summarize",
]
