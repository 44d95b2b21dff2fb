"""Report section on one model."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from fer_core.evaluation import ClassificationMetrics
from fer_core.evaluation.reliability import (
    RiskCoverage,
    reliability,
    risk_coverage,
    selective_scores,
    threshold_sweep,
)
from fer_core.evaluation.scores import CKPLUS_PROTOCOL_IN_WORDS, CkPlusMetrics, confusion_matrix
from fer_core.labels import describe, split_title
from fer_core.plots import (
    class_scores_figure,
    confusion_figure,
    curves_figure,
    outside_view_sentence,
    reliability_figure,
    risk_coverage_figure,
    threshold_figure,
)
from fer_core.recognition import UNCERTAIN_BELOW
from fer_core.reports import (
    CALIBRATION_ERROR_IN_WORDS,
    PROTOCOLS_TEXT,
    calibration_sentence,
    interval_sentence,
    model_facts,
    rare_units_sentence,
    training_facts,
)
from fer_core.reports.html_report.inputs import ReportInput
from fer_core.training_logs import Curve, TrainingRun, curve_band, initial_view

_CURVES: dict[str, tuple[Curve, Curve]] = {
    "Accuracy": ("val_accuracy", "accuracy"),
    "Loss": ("val_loss", "loss"),
}
"""By figure title: the curve on the validation split and that on the training split."""


def model_values(report_input: ReportInput) -> dict[str, Any]:
    """Returns the values of model.html for a model."""
    card, training = report_input.card, report_input.card.training
    return {
        "card": card,
        "split": split_title(report_input.predictions.split),
        "facts": model_facts(card),
        "training": None if training is None else training_facts(training),
        "recipe": training and json.dumps(training.recipe, indent=2, ensure_ascii=False),
        **_scores(report_input),
        **_calibration(report_input),
        **_threshold(report_input),
        "curves": [] if report_input.run is None else _curves(report_input.run),
        "epochs": None if report_input.run is None else report_input.run.history.to_frame(),
    }


def class_scores_frame(metrics: ClassificationMetrics) -> pd.DataFrame:
    """Returns one row per class: its scores as text with 95% intervals."""
    return pd.DataFrame(
        [
            {
                "label": label,
                "precision": score.precision.percent(),
                "recall": score.recall.percent(),
                "F1": score.f1.percent(),
                "ROC AUC": score.roc_auc and score.roc_auc.decimal(),
                "rows": score.support,
            }
            for label, score in metrics.per_class.items()
        ]
    )


def _scores(report_input: ReportInput) -> dict[str, Any]:
    card, matrix = report_input.card, confusion_matrix(report_input.predictions)
    return {
        "protocols": PROTOCOLS_TEXT,
        "scores": card.scores_frame().assign(split=lambda scores: scores["split"].map(split_title)),
        "intervals": interval_sentence(card),
        "class_scores": class_scores_frame(card.reported),
        "class_scores_figure": class_scores_figure(card.reported),
        **({} if card.ckplus is None else _action_units(card.ckplus)),
        "confusion": matrix.to_frame().reset_index(),
        "confusion_figure": confusion_figure(matrix),
    }


def _action_units(metrics: CkPlusMetrics) -> dict[str, Any]:
    units = metrics.by_sequence.action_units.to_frame()
    return {
        "ckplus_protocol": CKPLUS_PROTOCOL_IN_WORDS,
        "rare_units": rare_units_sentence(metrics),
        "action_units": units.assign(action_unit=units["action_unit"].map(describe)),
    }


def _calibration(report_input: ReportInput) -> dict[str, Any]:
    card = report_input.card
    found = reliability(report_input.calibrated, report_input.predictions.label)
    return {
        "calibration_in_words": f"{calibration_sentence(card)} {CALIBRATION_ERROR_IN_WORDS}",
        "calibration": report_input.calibration.to_frame(
            has_temperature=card.temperature is not None
        ),
        "bins": found.to_frame(),
        "reliability_figure": reliability_figure(
            found, confidence_title="Confidence", accuracy_title="Accuracy"
        ),
    }


def _threshold(report_input: ReportInput) -> dict[str, Any]:
    calibrated, label = report_input.calibrated, report_input.predictions.label
    subject = report_input.predictions.subject
    chosen = selective_scores(
        calibrated, label, report_input.card.labels, UNCERTAIN_BELOW, subject=subject
    )
    sweep = threshold_sweep(calibrated, label)
    curve = risk_coverage(calibrated, label)
    return {
        "threshold": UNCERTAIN_BELOW,
        "chosen": chosen,
        "thresholds": sweep.to_frame(),
        "threshold_figure": threshold_figure(sweep, UNCERTAIN_BELOW),
        "risk_coverage": curve,
        "risks": every_percent(curve),
        "risk_coverage_figure": risk_coverage_figure(curve, chosen),
    }


def every_percent(curve: RiskCoverage) -> pd.DataFrame:
    """Returns the points where coverage first reaches each whole percent."""
    points = curve.to_frame()
    reached = (points["coverage"] * 100 + 1e-9).astype(int)
    return points[reached.diff().fillna(1) > 0]


def _curves(run: TrainingRun) -> list[dict[str, Any]]:
    found = []
    for name, (selection, training) in _CURVES.items():
        bands = {
            "validation split": curve_band([run.history], selection),
            "training split": curve_band([run.history], training),
        }
        best = [] if run.best_epoch is None else [run.best_epoch]
        view = initial_view(bands, selection)
        best_epochs = {"validation split": best, "training split": []}
        drawing = curves_figure(bands, best_epochs, selection, view=view)
        drawing.update_yaxes(title=name)
        beyond = "" if view is None else outside_view_sentence(view)
        found.append({"name": name, "figure": drawing, "beyond": beyond})
    return found
