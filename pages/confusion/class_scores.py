"""One model's scores, overall and by expression."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from fer_core.evaluation import ClassificationMetrics
from fer_core.plots import class_scores_figure
from pages.widgets import section, show_figure, show_table

SCORES: dict[Literal["f1", "precision", "recall"], str] = {
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
}


@section
def show_class_scores(metrics: ClassificationMetrics) -> None:
    """Shows accuracy and macro-F1, then one score of each expression."""
    with st.container(horizontal=True):
        st.metric("Accuracy", metrics.accuracy.percent(), border=True)
        st.metric("Macro F1", metrics.macro_f1.percent(), border=True)
        if metrics.without_training_duplicates is not None:
            st.metric(
                "Accuracy without duplicates",
                metrics.without_training_duplicates.accuracy.percent(),
                border=True,
                help="Without faces that have an exact duplicate in training.",
            )
    score = st.segmented_control(
        "Score",
        list(SCORES),
        default="f1",
        required=True,
        format_func=SCORES.__getitem__,
        key="confusion_score",
        bind="query-params",
        help="Precision: share of predictions of this label that are correct. Recall: share of "
        "faces with this label that are predicted correctly. F1: their harmonic mean.",
    )
    show_figure(
        class_scores_figure(metrics, score),
        key="confusion_scores",
        alt=f"{SCORES[score]} of each expression with its 95% CI; numbers in the table below",
    )
    show_table(metrics.to_frame, key="confusion_metrics", alt="Scores of each expression")
