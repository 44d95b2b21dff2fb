"""The report of an evaluation on labeled photos, without pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fer_core.benchmark import (
    NO_FACE,
    EntryScores,
    EvaluationEntry,
    EvaluationSummary,
    PhotoEvaluation,
    SliceReport,
    slice_report,
    summarize,
)
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import PairwiseComparisons
from fer_core.evaluation.reliability import reliability
from fer_core.evaluation.scores import confusion_matrix
from fer_core.labels import split_title
from fer_core.plots import (
    class_scores_figure,
    confusion_figure,
    reliability_figure,
    slices_figure,
)
from fer_core.reports.html_report.model import class_scores_frame
from fer_core.reports.html_report.page import render_page


def render_evaluation(evaluation: PhotoEvaluation) -> str:
    """Returns a report on an evaluation as one HTML file; see `render_report`.

    Args:
        evaluation: of at least one photo and one entry.
    """
    summary = summarize(evaluation)
    title = f"{split_title(evaluation.name)}: evaluation"
    return render_page(
        "evaluation.html",
        title=title,
        evaluation=evaluation,
        columns=[name.replace("_", " ") for name in evaluation.photos.columns],
        people=_people(evaluation),
        classes=_classes(evaluation),
        leaderboard=leaderboard_frame(summary),
        pairs=None if summary.comparisons is None else pairs_frame(evaluation, summary.comparisons),
        entries=[
            _entry(evaluation, entry, summary.entries[name], key=f"entry{number}")
            for number, (name, entry) in enumerate(evaluation.entries.items(), 1)
        ],
    )


def leaderboard_frame(summary: EvaluationSummary) -> pd.DataFrame:
    """Returns one row per entry, most accurate first, as text with 95% intervals."""
    ordered = sorted(summary.entries.values(), key=lambda each: -each.all_photos.accuracy.value)
    return pd.DataFrame(
        [
            {
                "entry": scores.title,
                "accuracy, all photos": scores.all_photos.accuracy.percent(),
                "accuracy, faces found": scores.found and scores.found.percent(),
                "detection rate": scores.detection_rate.percent(),
                "macro F1, all photos": scores.all_photos.macro_f1.percent(),
                "ECE": scores.calibration and scores.calibration.ece.percent(),
            }
            for scores in ordered
        ]
    )


def pairs_frame(evaluation: PhotoEvaluation, comparisons: PairwiseComparisons) -> pd.DataFrame:
    """Returns one row per pair of entries, by title; see `PairwiseComparisons.to_frame`."""
    titles = {name: entry.title for name, entry in evaluation.entries.items()}
    pairs = comparisons.to_frame()
    return pairs.assign(**{side: pairs[side].map(titles) for side in ("first", "second")})


def _people(evaluation: PhotoEvaluation) -> int | None:
    subject = evaluation.photos.subject
    return None if subject is None else len(np.unique(subject))


def _classes(evaluation: PhotoEvaluation) -> pd.DataFrame:
    photos = evaluation.photos
    counts = np.bincount(photos.label, minlength=len(photos.labels))
    return pd.DataFrame({"label": photos.labels, "photos": counts})


def _entry(
    evaluation: PhotoEvaluation, entry: EvaluationEntry, scores: EntryScores, *, key: str
) -> dict[str, Any]:
    predictions = evaluation.predictions(entry.name)
    slices = slice_report(evaluation, entry.name)
    return {
        "key": key,
        "entry": entry,
        "scores": scores,
        "missed": _missed(entry),
        "class_scores": class_scores_frame(scores.all_photos),
        "class_scores_figure": class_scores_figure(scores.all_photos),
        "slices": slices,
        **(_of_slices(slices) if slices.slices else {}),
        **(_of_found(predictions, entry) if len(predictions) else {}),
    }


def _of_slices(report: SliceReport) -> dict[str, Any]:
    frame = report.to_frame().drop(columns="is_too_small")
    return {"slices_frame": frame, "slices_figure": slices_figure(report)}


def _of_found(predictions: SplitPredictions, entry: EvaluationEntry) -> dict[str, Any]:
    matrix = confusion_matrix(predictions)
    found = reliability(entry.calibration.apply(predictions.probabilities), predictions.label)
    return {
        "confusion": matrix.to_frame().reset_index(),
        "confusion_figure": confusion_figure(matrix),
        "bins": found.to_frame(),
        "reliability_figure": reliability_figure(
            found, confidence_title="Confidence", accuracy_title="Accuracy"
        ),
    }


def _missed(entry: EvaluationEntry) -> pd.DataFrame:
    """One row per reason for having no prediction."""
    reasons, counts = np.unique(entry.reasons[entry.reasons != ""], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    names = ["no face found" if each == NO_FACE else str(each) for each in reasons[order]]
    return pd.DataFrame({"reason": names, "photos": counts[order]})
