"""Downloadable reports: one HTML file about a model, or a comparison of several."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fer_core.errors import ModelError
from fer_core.reports.html_report import load_report_input, render_report
from fer_core.zoo import ModelCard
from pages.pickers import BY_FINGERPRINT


def offer_report(cards: Sequence[ModelCard], *, key: str) -> None:
    """Offers a report of at least one model, rendered on download.

    If the predictions of a model cannot be read, shows a warning instead.
    """
    problems = [problem for card in cards if (problem := _problem(card))]
    if problems:
        st.warning(
            "\n\n".join(problems), title="No report available", icon=":material/broken_image:"
        )
        return
    st.download_button(
        "Download report",
        partial(_report, tuple(cards)),
        f"report-{cards[0].name if len(cards) == 1 else 'comparison'}.html",
        "text/html",
        key=key,
        icon=":material/lab_profile:",
        on_click="ignore",
        help="One HTML file (about 5 MB) with model cards, scores, figures and tables for each "
        "model's test split. Works offline; takes a few seconds to create.",
    )


# For a minute only, because a missing file may be added.
@st.cache_data(max_entries=64, ttl=60, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _problem(card: ModelCard) -> str | None:
    """Returns why no report of the model is possible; None if it is."""
    try:
        load_report_input(card)
    except ModelError as error:
        return str(error)
    return None


@st.cache_data(max_entries=4, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _report(cards: tuple[ModelCard, ...]) -> str:
    return render_report([card.name for card in cards])
