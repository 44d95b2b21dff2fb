"""The complete report on saved models."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fer_core.labels import split_title
from fer_core.reports.html_report.comparison import comparable_groups, comparison_values
from fer_core.reports.html_report.inputs import ReportInput, load_report_input
from fer_core.reports.html_report.model import model_values
from fer_core.reports.html_report.page import render_page
from fer_core.reports.html_report.robustness import robustness_values
from fer_core.zoo import ModelStore, with_distinct_titles


def render_report(names: Sequence[str]) -> str:
    """Returns a report on one saved model, or on several and how they compare, as HTML.

    The report is reproducible: it has no time of creation, and nothing is measured for it.

    Args:
        names: of at least one saved model.

    Raises:
        ModelError: there is no such model, or its card or predictions.npz is not valid.
        ValueError: there is no name.
    """
    if not names:
        raise ValueError("Expected the name of at least one saved model. Received: none")
    store = ModelStore.default()
    cards = with_distinct_titles([store.load_scored_card(name) for name in dict.fromkeys(names)])
    report_inputs = [load_report_input(card) for card in cards]
    return render_page(
        "report.html",
        title=(
            f"{cards[0].title}: report" if len(cards) == 1 else f"{len(cards)} models: a comparison"
        ),
        overview=_overview(report_inputs),
        comparisons=[
            comparison_values(group, key=f"group{number}")
            for number, group in enumerate(comparable_groups(report_inputs), 1)
            if len(group) > 1
        ],
        robustness=robustness_values(report_inputs),
        models=[model_values(report_input) for report_input in report_inputs],
    )


def _overview(report_inputs: Sequence[ReportInput]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "model": each.card.title,
                "name": each.card.name,
                "weights finished": each.finished and each.finished.isoformat(),
                "split": split_title(each.predictions.split),
                "rows": len(each.predictions),
                "accuracy, plain": each.card.reported.accuracy.percent(),
                "SHA-256 of predictions.npz": f"{each.checksum[:12]}…",
            }
            for each in report_inputs
        ]
    )
