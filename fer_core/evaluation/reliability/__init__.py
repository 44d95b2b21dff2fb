"""Calibration, prediction sets, other class shares, selective prediction and robustness."""

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
from fer_core.evaluation.reliability.prior_correction import (
    FEWEST_FOR_A_PRIOR,
    EstimatedPrior,
    change_prior,
    estimate_prior,
    flattened_prior,
    without_bias,
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
    "FEWEST_FOR_A_PRIOR",
    "SAMPLE_ROWS",
    "THRESHOLD_STEP",
    "Calibration",
    "ClasswiseCalibration",
    "EstimatedPrior",
    "PredictionSets",
    "Reliability",
    "RiskCoverage",
    "Robustness",
    "SelectiveScores",
    "SetScores",
    "ThresholdSweep",
    "calibration_scores",
    "change_prior",
    "class_reliability",
    "classwise_calibration",
    "corruption_errors",
    "draw_sample",
    "estimate_prior",
    "fit_prediction_sets",
    "flattened_prior",
    "measure_robustness",
    "reliability",
    "risk_coverage",
    "robustness_differences",
    "selective_scores",
    "set_scores",
    "temperature_effect",
    "threshold_sweep",
    "without_bias",
]
