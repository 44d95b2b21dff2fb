"""The files that `python -m fer_core evaluate` writes of an evaluation: numbers, no pictures."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from fer_core.benchmark import (
    EvaluationEntry,
    PhotoEvaluation,
    photos_frame,
    slice_report,
    summarize,
)
from fer_core.files import spreadsheet_safe

_COLUMN = "_column"
"""Added to the name of a column for slices that is named like a column of a model."""


def photos_csv(evaluation: PhotoEvaluation) -> str:
    """Returns a CSV table with one row per photo.

    Its columns are those of `photos_frame`, the number of the person, if known, and the columns for
    slices.
    """
    photos = evaluation.photos
    frame = photos_frame(evaluation, np.arange(len(photos)))
    frame["file"] = frame["file"].map(spreadsheet_safe)
    if photos.subject is not None:
        frame["person"] = photos.subject
    for name, values in photos.columns.items():
        frame[f"{name}{_COLUMN}" if name in frame else name] = values
    return frame.to_csv(index=False, lineterminator="\n")


def scores_json(evaluation: PhotoEvaluation) -> str:
    """Returns the scores of an evaluation as JSON: per entry, per pair, and per slice."""
    photos, summary = evaluation.photos, summarize(evaluation)
    classes = np.bincount(photos.label, minlength=len(photos.labels)).tolist()
    comparisons = [] if summary.comparisons is None else _records(summary.comparisons.to_frame())
    scores = {
        "name": evaluation.name,
        "created": evaluation.created.isoformat(),
        "photos": len(photos),
        "classes": dict(zip(photos.labels, classes, strict=True)),
        "left_out": dict(evaluation.left_out),
        "notes": list(evaluation.notes),
        "entries": [
            row | _about(evaluation, evaluation.entries[row["entry"]])
            for row in _records(summary.to_frame())
        ],
        "comparisons": comparisons,
    }
    return json.dumps(scores, indent=2) + "\n"


def _about(evaluation: PhotoEvaluation, entry: EvaluationEntry) -> dict[str, Any]:
    reasons, counts = np.unique(entry.reasons[entry.reasons != ""], return_counts=True)
    report = slice_report(evaluation, entry.name)
    return {
        "title": entry.title,
        "kind": entry.kind,
        "faces": entry.faces,
        "temperature": entry.calibration.temperature,
        "label_smoothing": entry.calibration.label_smoothing,
        "checksum": entry.checksum,
        "notes": list(entry.notes),
        "no_prediction": dict(zip(reasons.tolist(), counts.tolist(), strict=True)),
        "slices": _records(report.to_frame()),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row; what is unknown is None."""
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return records
