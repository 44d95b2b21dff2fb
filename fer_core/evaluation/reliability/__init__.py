"""Calibration, prediction sets, selective prediction and robustness."""

from fer_core.evaluation.reliability.calibration import (
    ClasswiseCalibration,
    Reliability,
    calibration_scores,
    class_reliability,
    classwise_calibration,
    reliability,
    temperature_effect,
)
from fer_core.evaluation.reliability.corruption_errors import (
    BASELINES,
    corruption_errors,
    robustness_differences,
)
from fer_core.evaluation.reliability.prediction_sets import (
    PredictionSets,
    SetScores,
    fit_prediction_sets,
    set_scores,
)
from fer_core.evaluation.reliability.robustness import (
    SAMPLE_ROWS,
    Robustness,
    draw_sample,
    measure_robustness,
)
from fer_core.evaluation.reliability.selective import (
    THRESHOLD_STEP,
    RiskCoverage,
    SelectiveScores,
    ThresholdSweep,
    risk_coverage,
    selective_scores,
    threshold_sweep,
)
from fer_core.evaluation.reliability.temperature import Calibration

__all__ = [
    "BASELINES",
    "SAMPLE_ROWS",
    "THRESHOLD_STEP",
    "Calibration",
    "ClasswiseCalibration",
    "PredictionSets",
    "Reliability",
    "RiskCoverage",
    "Robustness",
    "SelectiveScores",
    "SetScores",
    "ThresholdSweep",
    "calibration_scores",
    "class_reliability",
    "classwise_calibration",
    "corruption_errors",
    "draw_sample",
    "fit_prediction_sets",
    "measure_robustness",
    "reliability",
    "risk_coverage",
    "robustness_differences",
    "selective_scores",
    "set_scores",
    "temperature_effect",
    "threshold_sweep",
]
