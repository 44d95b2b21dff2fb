"""Elements that several pages show."""

from pages.shared.action_units import show_action_units
from pages.shared.average_faces import show_averages, show_cell_average
from pages.shared.dataset_faces import dataset_faces, show_rows
from pages.shared.evaluations import (
    PROTOCOLS,
    aligned_predictions_of,
    calibrated_of,
    calibration_error_of,
    calibration_of,
    classwise_of,
    comparable_with,
    metrics_of,
    predictions_of,
    scored,
    scored_models,
    selection_sweep_of,
    show_row_note,
    sweep_of,
    thresholded_of,
)
from pages.shared.explanations import MEANINGS, METHODS, show_explanation, show_map
from pages.shared.face_picker import (
    MAX_PHOTO_MB,
    PHOTO_HELP,
    PHOTO_TYPES,
    PickedFace,
    pick_face,
    pick_photo_face,
    show_failures,
    show_rejection,
)
from pages.shared.face_tiles import pick_threshold, show_faces, verdict
from pages.shared.latency import latency_of, offer_latency, show_conditions
from pages.shared.outside import show_outside, show_outside_matrix
from pages.shared.reports import offer_report
from pages.shared.threshold_note import show_threshold_note

__all__ = [
    "MAX_PHOTO_MB",
    "MEANINGS",
    "METHODS",
    "PHOTO_HELP",
    "PHOTO_TYPES",
    "PROTOCOLS",
    "PickedFace",
    "aligned_predictions_of",
    "calibrated_of",
    "calibration_error_of",
    "calibration_of",
    "classwise_of",
    "comparable_with",
    "dataset_faces",
    "latency_of",
    "metrics_of",
    "offer_latency",
    "offer_report",
    "pick_face",
    "pick_photo_face",
    "pick_threshold",
    "predictions_of",
    "scored",
    "scored_models",
    "selection_sweep_of",
    "show_action_units",
    "show_averages",
    "show_cell_average",
    "show_conditions",
    "show_explanation",
    "show_faces",
    "show_failures",
    "show_map",
    "show_outside",
    "show_outside_matrix",
    "show_rejection",
    "show_row_note",
    "show_rows",
    "show_threshold_note",
    "sweep_of",
    "thresholded_of",
    "verdict",
]
