"""Files of a model folder, computed from runs and saved models."""

from training.artifacts.saved_models import (
    dataset_of,
    update_predictions,
    updated_model_folder,
    validation_accuracy_change,
)
from training.artifacts.split_predictions import (
    REPORT_SPLIT,
    SELECTION_SPLIT,
    HeldOutSplit,
    predict_split,
    split_name,
    splits_to_score,
)
from training.artifacts.use_and_limits import (
    INTENDED_USE,
    OUT_OF_SCOPE_USE,
    data_license,
    general_limits,
)
from training.artifacts.weight_compression import FULL_MANTISSA_BITS, round_weights, save_compressed
from training.artifacts.weights_file import describe_weights

__all__ = [
    "FULL_MANTISSA_BITS",
    "INTENDED_USE",
    "OUT_OF_SCOPE_USE",
    "REPORT_SPLIT",
    "SELECTION_SPLIT",
    "HeldOutSplit",
    "data_license",
    "dataset_of",
    "describe_weights",
    "general_limits",
    "predict_split",
    "round_weights",
    "save_compressed",
    "split_name",
    "splits_to_score",
    "update_predictions",
    "updated_model_folder",
    "validation_accuracy_change",
]
