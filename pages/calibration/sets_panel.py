"""Prediction sets: their coverage and size by dataset and by class."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from fer_core.benchmark import has_calibration_split
from fer_core.labels import split_title
from fer_core.reports import coverage_sentence
from fer_core.zoo import ModelCard
from pages.doubt import COVERAGE, set_coverage_of
from pages.shared import predictions_of
from pages.widgets import percent_slider, section, show_table, with_percents

_LOWEST, _HIGHEST, _STEP = 0.8, 0.95, 0.05
_COLUMNS: Final[dict[str, Any]] = {
    "dataset": "Dataset",
    "rows": "Faces",
    "coverage": "Coverage (95% CI)",
    "mean_size": st.column_config.NumberColumn("Mean set size", format="%.2f"),
    "single": "One expression only",
}


@section
def show_sets(card: ModelCard) -> None:
    """Shows what the prediction sets of a model promise, and where the promise holds."""
    st.header("Prediction sets")
    st.markdown(
        "Instead of one label, the expressions that cannot be ruled out, such as **happy or "
        "surprise**. The most probable one is always among them."
    )
    protocol = card.protocol
    if not has_calibration_split(card) or protocol.selection_split not in predictions_of(card):
        st.info(
            "Prediction sets are fitted on a validation split that is not the test split. "
            f"{card.title} has none.",
            icon=":material/block:",
        )
        return
    coverage = percent_slider(
        "Requested coverage", _LOWEST, _HIGHEST, COVERAGE, _STEP, key="calibration_coverage"
    )
    home = split_title(protocol.report_split)
    found = set_coverage_of(card, coverage)
    st.markdown(coverage_sentence(found, home))
    st.dataframe(
        with_percents(found.to_frame(home), ("single",)),
        hide_index=True,
        alt=f"Coverage and size of the prediction sets of {card.title} by dataset",
        column_config=_COLUMNS,
    )
    st.caption(
        "Coverage: share of the faces whose labeled expression is in their set. It is promised for "
        f"faces like those of {split_title(protocol.selection_split)}, for each expression; other "
        "photos are unlike them, so there the promise can fail."
    )
    by_class = found.home.to_frame()
    by_class.insert(
        3, "expected", [each and each.percent() for each in found.sets.expected_coverage()]
    )
    show_table(
        by_class,
        key="calibration_sets",
        alt=f"Coverage and size of the prediction sets of {card.title} by expression on {home}",
        label="By expression",
    )
    st.caption(
        "Expected, by expression: the coverage over new faces, whose interval is wide where few "
        "faces fitted the rule; empty where they were too few for a promise."
    )
