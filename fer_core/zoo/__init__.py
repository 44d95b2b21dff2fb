"""Saved models: model cards, files, classifiers, latency."""

from fer_core.zoo.artifacts import (
    MAP_FILE,
    PREDICTIONS_FILE,
    ROBUSTNESS_FILE,
    read_predictions,
    write_ckplus_predictions,
    write_feature_map,
    write_predictions,
    write_robustness,
)
from fer_core.zoo.card import CARD_FILE, ModelCard
from fer_core.zoo.card_parts import Member, Protocol, Training, WeightsFile, members_checksum
from fer_core.zoo.classifier import Classifier, FacePredictions, load_classifier, onnx_session
from fer_core.zoo.latency import (
    LatencyResult,
    cached_latency,
    measure_and_cache,
    measure_latency,
    measurement_conditions,
)
from fer_core.zoo.leaderboard import (
    COST_TITLES,
    Candidate,
    Cost,
    Leaderboard,
    calibration_error_as_served,
)
from fer_core.zoo.onnx_export import onnx_file, prepare_models
from fer_core.zoo.store import (
    WEIGHTS_FILE,
    BrokenModel,
    ModelListing,
    ModelStore,
    list_models,
    with_distinct_titles,
)
from fer_core.zoo.summary import rescored, summarize
from fer_core.zoo.training_recipe import (
    epochs_run,
    initial_weights,
    is_from_scratch,
    prerequisites,
    reproduction_commands,
    teachers,
)

__all__ = [
    "CARD_FILE",
    "COST_TITLES",
    "MAP_FILE",
    "PREDICTIONS_FILE",
    "ROBUSTNESS_FILE",
    "WEIGHTS_FILE",
    "BrokenModel",
    "Candidate",
    "Classifier",
    "Cost",
    "FacePredictions",
    "LatencyResult",
    "Leaderboard",
    "Member",
    "ModelCard",
    "ModelListing",
    "ModelStore",
    "Protocol",
    "Training",
    "WeightsFile",
    "cached_latency",
    "calibration_error_as_served",
    "epochs_run",
    "initial_weights",
    "is_from_scratch",
    "list_models",
    "load_classifier",
    "measure_and_cache",
    "measure_latency",
    "measurement_conditions",
    "members_checksum",
    "onnx_file",
    "onnx_session",
    "prepare_models",
    "prerequisites",
    "read_predictions",
    "reproduction_commands",
    "rescored",
    "summarize",
    "teachers",
    "with_distinct_titles",
    "write_ckplus_predictions",
    "write_feature_map",
    "write_predictions",
    "write_robustness",
]
