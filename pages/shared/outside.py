"""The saved models on datasets that they were not trained on: a table, and a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fer_core.benchmark import OutsideScores, outside_scores, shipped_evaluations
from fer_core.plots import sets_matrix_figure
from fer_core.reports import OUTSIDE_IN_WORDS, outside_table
from fer_core.zoo import ModelCard
from pages.pickers import BY_FINGERPRINT
from pages.widgets import show_figure


def show_outside(cards: Sequence[ModelCard]) -> None:
    """Shows the accuracy of models on other datasets as a table; nothing if none was measured."""
    scores = _scores(tuple(cards))
    if not scores:
        return
    st.subheader("On other photos")
    st.html(outside_table(scores, caption="Accuracy of every model on other datasets"))
    st.caption(f"{OUTSIDE_IN_WORDS} More on the page [Evaluate](evaluate).")


def show_outside_matrix(cards: Sequence[ModelCard]) -> None:
    """Draws the same as a matrix: trained on, tested on."""
    scores = _scores(tuple(cards))
    if not scores:
        return
    own = "Own test split"
    accuracy: dict[str, dict[str, float | None]] = {}
    for each in scores:
        row = accuracy[each.card.title] = {own: each.card.reported.accuracy.value}
        for name, score in each.by_set.items():
            row[name] = None if score is None else score.accuracy.value
    st.subheader("Trained on, tested on")
    show_figure(
        sets_matrix_figure(accuracy, [each.card.protocol.dataset for each in scores]),
        key="outside_matrix",
        alt="Accuracy of every model on its own test split and on other datasets",
    )
    st.caption(OUTSIDE_IN_WORDS)


@st.cache_data(max_entries=4, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _scores(cards: tuple[ModelCard, ...]) -> tuple[OutsideScores, ...]:
    return outside_scores(cards, shipped_evaluations())
