"""Report section that compares models evaluated on the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fer_core.evaluation import PROTOCOLS
from fer_core.evaluation.comparison import (
    AlignedPredictions,
    align_predictions,
    compare_all,
    confusion_difference,
    incomparability_reason,
)
from fer_core.labels import split_title
from fer_core.plots import CURVE_TITLES, curves_figure, difference_figure, pareto_figure
from fer_core.reports.html_report.filters import plot_text
from fer_core.reports.html_report.inputs import ReportInput
from fer_core.training_logs import best_epochs_frame, curve_band
from fer_core.zoo import COST_TITLES, Candidate, Cost, Leaderboard, calibration_error_as_served

_COSTS: tuple[Cost, ...] = ("size", "macs")
"""Latency depends on the machine, so a report has none."""


def comparable_groups(report_inputs: Iterable[ReportInput]) -> list[list[ReportInput]]:
    """Groups models evaluated on the same rows of one split with the same labels.

    Returns:
        Each group with the most accurate model first; the largest group first.
    """
    groups: list[list[ReportInput]] = []
    for report_input in sorted(report_inputs, key=lambda each: -each.card.reported.accuracy.value):
        for group in groups:
            if _same_rows(group[0], report_input):
                group.append(report_input)
                break
        else:
            groups.append([report_input])
    return sorted(groups, key=len, reverse=True)


def comparison_values(group: Sequence[ReportInput], *, key: str) -> dict[str, Any]:
    """Returns the values of comparison.html for at least two models of one group.

    Args:
        group: see `comparable_groups`.
        key: prefix of the figures' keys, unique within the page.
    """
    aligned = align_predictions({each.card.name: each.predictions for each in group})
    titles = {each.card.name: each.card.title for each in group}
    pairs = compare_all(aligned).to_frame()
    board = _leaderboard(group)
    return {
        "key": key,
        "split": split_title(group[0].predictions.split),
        "rows": len(aligned),
        "titles": titles,
        "leaderboard": board.to_frame().drop(columns="name").dropna(axis="columns", how="all"),
        "accuracies": accuracies_frame(group),
        "fronts": _fronts(board, titles),
        "pairs": pairs.assign(**{side: pairs[side].map(titles) for side in ("first", "second")}),
        "differences": _differences(aligned, titles),
        "curves": _curves(group),
    }


def _same_rows(first: ReportInput, second: ReportInput) -> bool:
    own, other = first.predictions, second.predictions
    return incomparability_reason(own, other) is None and np.array_equal(
        np.sort(own.row_id), np.sort(other.row_id)
    )


def _leaderboard(group: Sequence[ReportInput]) -> Leaderboard:
    return Leaderboard.of(
        Candidate(
            each.card,
            each.card.reported,
            calibration_error_as_served(each.predictions, "plain", each.card.fitted_calibration),
            latency=None,
        )
        for each in group
    )


def _fronts(board: Leaderboard, titles: dict[str, str]) -> list[dict[str, Any]]:
    plot_titles = {name: plot_text(title) for name, title in titles.items()}
    return [
        {
            "cost": cost,
            "title": COST_TITLES[cost],
            "figure": pareto_figure(front, titles=plot_titles, cost_title=COST_TITLES[cost]),
            "models": [point.model for point in front.front],
            "numbers": front.to_frame().rename(columns={"cost": COST_TITLES[cost]}),
        }
        for cost in _COSTS
        if (front := board.pareto(cost)) is not None
    ]


def accuracies_frame(group: Sequence[ReportInput]) -> pd.DataFrame:
    """Returns one row per model: its accuracy under every protocol, as text with intervals."""
    rows: list[dict[str, str]] = []
    for each in group:
        scores = each.card.metrics[each.predictions.split]
        accuracies = {name: scores[name].accuracy.percent() for name in PROTOCOLS if name in scores}
        rows.append({"model": each.card.title} | accuracies)
    return pd.DataFrame(rows)


def _differences(aligned: AlignedPredictions, titles: dict[str, str]) -> list[dict[str, Any]]:
    first, *others = aligned.models
    found = []
    for second in others:
        difference = confusion_difference(aligned, first, second)
        models = (plot_text(titles[first]), plot_text(titles[second]))
        found.append(
            {
                "names": (first, second),
                "title": f"{titles[first]} minus {titles[second]}",
                "figure": difference_figure(difference, models=models),
                "cells": difference.to_frame(),
            }
        )
    return found


def _curves(group: Sequence[ReportInput]) -> dict[str, Any] | None:
    runs = {each.card.title: each.run for each in group if each.run is not None}
    if not runs:
        return None
    bands = {
        plot_text(title): curve_band([run.history], "val_accuracy") for title, run in runs.items()
    }
    best = {
        plot_text(title): [] if run.best_epoch is None else [run.best_epoch]
        for title, run in runs.items()
    }
    return {
        "titles": list(runs),
        "title": CURVE_TITLES["val_accuracy"],
        "figure": curves_figure(bands, best, "val_accuracy"),
        "best_epochs": best_epochs_frame(runs),
    }
