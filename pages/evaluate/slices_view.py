"""Accuracy by slices of labeled photos."""

from __future__ import annotations

import streamlit as st

from fer_core.benchmark import FEWEST_PHOTOS, PhotoEvaluation
from fer_core.plots import slices_figure
from pages.evaluate.cached import slices_of
from pages.widgets import show_figure, show_table


def show_slices(evaluation: PhotoEvaluation, entry: str) -> None:
    """Shows the accuracy of one entry by slices."""
    report = slices_of(evaluation, entry)
    if not report.slices:
        st.info(
            "These photos have no further columns and no measures of their faces.",
            title="No slices",
            icon=":material/pie_chart:",
        )
        return
    if worst := report.worst:
        st.warning(
            f"{worst.column.replace('_', ' ')} {worst.value}: {worst.accuracy.percent()}, against "
            f"{report.accuracy.percent()} over all photos.",
            title="Worst slice",
            icon=":material/trending_down:",
        )
    else:
        st.markdown("No slice is significantly worse than the other photos.")
    show_figure(
        slices_figure(report),
        key="evaluate_slices",
        alt="Accuracy by slice with 95% CIs; numbers in the table below",
    )
    st.caption(
        "Each slice is tested against the other photos of its column; p is corrected for all "
        f"slices (Holm). Hollow: fewer than {FEWEST_PHOTOS} photos, too few to test. Numbers are "
        "cut at their quartiles."
    )
    for column, reason in report.not_sliced.items():
        st.caption(f"No slices of {column.replace('_', ' ')}: {reason}")
    show_table(report.to_frame, key="evaluate_slices_numbers", alt="Every slice")
