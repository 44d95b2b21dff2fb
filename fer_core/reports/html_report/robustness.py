"""Report sections on robustness, one per split with results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fer_core.evaluation.reliability import (
    BASELINES,
    Robustness,
    corruption_errors,
    robustness_differences,
)
from fer_core.labels import split_title
from fer_core.plots import accuracy_figure
from fer_core.preprocessing import AUGMENTATION_NOTE
from fer_core.reports.html_report.filters import plot_text
from fer_core.reports.html_report.inputs import ReportInput


def robustness_values(report_inputs: Sequence[ReportInput]) -> list[dict[str, Any]]:
    """Returns the values of robustness.html for each split with results."""
    by_split: dict[str, dict[str, Robustness]] = {}
    for each in report_inputs:
        if each.robustness is not None:
            by_split.setdefault(each.robustness.split, {})[each.card.title] = each.robustness
    return [
        {"key": f"robustness{number}", "split": split_title(split)} | _of_split(results)
        for number, (split, results) in enumerate(by_split.items(), 1)
    ]


def _of_split(by_title: Mapping[str, Robustness]) -> dict[str, Any]:
    results = list(by_title.values())
    titles = {result.model: title for title, result in by_title.items()}
    accuracies = pd.concat(
        [result.to_frame().assign(model=title) for title, result in by_title.items()],
        ignore_index=True,
    )
    accuracies.insert(0, "model", accuracies.pop("model"))
    errors = corruption_errors(results)
    differences = pd.DataFrame(robustness_differences(results))
    return {
        "titles": list(by_title),
        "rows": results[0].rows,
        "augmentation_note": AUGMENTATION_NOTE,
        "accuracy_figure": accuracy_figure(
            {plot_text(title): each for title, each in by_title.items()}, None
        ),
        "accuracies": accuracies,
        "baselines": BASELINES,
        "baseline": None if errors is None else titles[errors.baseline],
        "errors": None if errors is None else _titled(errors.to_frame(), titles, "model"),
        "differences": (
            None if differences.empty else _titled(differences, titles, "first", "second")
        ),
    }


def _titled(frame: pd.DataFrame, titles: Mapping[str, str], *columns: str) -> pd.DataFrame:
    """Replaces model names by titles."""
    return frame.assign(**{column: frame[column].map(titles) for column in columns})
