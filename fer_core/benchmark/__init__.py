"""Models and other packages on a user's own labeled photos: predictions, scores, slices."""

from fer_core.benchmark.evaluation_record import EntryRecord, EvaluationRecord
from fer_core.benchmark.evaluation_store import (
    BrokenEvaluation,
    EvaluationListing,
    EvaluationStore,
)
from fer_core.benchmark.outside_scores import (
    OutsideScore,
    OutsideScores,
    outside_scores,
    shipped_evaluations,
)
from fer_core.benchmark.photo_evaluation import (
    NO_FACE,
    EntryKind,
    EvaluationEntry,
    LabeledRows,
    PhotoEvaluation,
)
from fer_core.benchmark.photo_lists import hardest_photos, photos_frame, photos_of_cell
from fer_core.benchmark.prior_effects import PriorEffect, prior_effects
from fer_core.benchmark.set_coverage import SetCoverage, has_calibration_split, set_coverage
from fer_core.benchmark.side_by_side import side_by_side
from fer_core.benchmark.slices import FEWEST_PHOTOS, Slice, SliceReport, slice_report
from fer_core.benchmark.split_evaluation import (
    PRE_CROPPED,
    known_splits,
    split_evaluation,
    split_predictions,
    split_rows,
)
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
    "PRE_CROPPED",
    "BrokenEvaluation",
    "EntryKind",
    "EntryRecord",
    "EntryScores",
    "EvaluationEntry",
    "EvaluationListing",
    "EvaluationRecord",
    "EvaluationStore",
    "EvaluationSummary",
    "LabeledRows",
    "OutsideScore",
    "OutsideScores",
    "PhotoEvaluation",
    "PriorEffect",
    "RefittedCalibration",
    "SetCoverage",
    "Slice",
    "SliceReport",
    "hardest_photos",
    "has_calibration_split",
    "known_splits",
    "missed_rows",
    "outside_scores",
    "photos_frame",
    "photos_of_cell",
    "prior_effects",
    "set_coverage",
    "shipped_evaluations",
    "side_by_side",
    "slice_report",
    "split_evaluation",
    "split_predictions",
    "split_rows",
    "summarize",
]
