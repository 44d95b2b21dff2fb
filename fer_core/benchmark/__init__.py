"""Models and other packages on a user's own labeled photos: predictions, scores, slices."""

from fer_core.benchmark.photo_evaluation import (
    EntryKind,
    EvaluationEntry,
    LabeledRows,
    PhotoEvaluation,
)

__all__ = ["EntryKind", "EvaluationEntry", "LabeledRows", "PhotoEvaluation"]
