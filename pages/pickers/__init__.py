"""Pickers that several pages share."""

from pages.pickers.detector import (
    BEST_DETECTOR,
    DETECTOR_TITLES,
    new_detector,
    photo_detector,
    pick_detector,
    show_notice,
)
from pages.pickers.model import (
    BY_FINGERPRINT,
    advise_to_train,
    classifier_of,
    imported_models,
    model_titles,
    pick_model,
    pick_models,
    predictions_for,
    runnable_models,
    saved_models,
    usable_models,
)
from pages.pickers.split import pick_split
from pages.pickers.threshold import (
    ChosenThreshold,
    chosen_threshold,
    start_model_from_chosen,
    start_threshold_from_chosen,
    use_threshold,
)

__all__ = [
    "BEST_DETECTOR",
    "BY_FINGERPRINT",
    "DETECTOR_TITLES",
    "ChosenThreshold",
    "advise_to_train",
    "chosen_threshold",
    "classifier_of",
    "imported_models",
    "model_titles",
    "new_detector",
    "photo_detector",
    "pick_detector",
    "pick_model",
    "pick_models",
    "pick_split",
    "predictions_for",
    "runnable_models",
    "saved_models",
    "show_notice",
    "start_model_from_chosen",
    "start_threshold_from_chosen",
    "usable_models",
    "use_threshold",
]
