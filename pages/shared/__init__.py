"""Elements that several pages show."""

from pages.shared.action_units import show_action_units
from pages.shared.average_faces import show_averages, show_cell_average
from pages.shared.dataset_faces import dataset_faces, show_rows
from pages.shared.evaluations import (
    PROTOCOLS,
    answers_of,
    calibrated_of,
    calibration_error_of,
    calibration_of,
    classwise_of,
    comparable_with,
    metrics_of,
    predictions_of,
    say_what_a_row_is,
    scored,
    scored_models,
    sweep_of,
    sweep_to_choose_by_of,
)
from pages.shared.explanations import MEANINGS, METHODS, show_map, show_why
from pages.shared.face_cards import pick_threshold, show_faces, verdict
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
from pages.shared.latency import latency_of, offer_times, show_conditions
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
    "answers_of",
    "calibrated_of",
    "calibration_error_of",
    "calibration_of",
    "classwise_of",
    "comparable_with",
    "dataset_faces",
    "latency_of",
    "metrics_of",
    "offer_report",
    "offer_times",
    "pick_face",
    "pick_photo_face",
    "pick_threshold",
    "predictions_of",
    "say_what_a_row_is",
    "scored",
    "scored_models",
    "show_action_units",
    "show_averages",
    "show_cell_average",
    "show_conditions",
    "show_faces",
    "show_failures",
    "show_map",
    "show_rejection",
    "show_rows",
    "show_threshold_note",
    "show_why",
    "sweep_of",
    "sweep_to_choose_by_of",
    "verdict",
]
