"""Reports to take away: one HTML file about a model, or about several beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fer_core.errors import ModelError
from fer_core.reports.page import load_report_input, render_report
from fer_core.zoo import ModelCard
from pages.pickers import BY_FINGERPRINT


def offer_report(cards: Sequence[ModelCard], *, key: str) -> None:
    """Offers a report of at least one model, which is made when somebody asks for it.

    A model whose predictions cannot be used is named, and then there is none.
    """
    problems = [problem for card in cards if (problem := _problem(card))]
    if problems:
        st.warning("\n\n".join(problems), title="No report", icon=":material/broken_image:")
        return
    st.download_button(
        "Download report",
        partial(_report, tuple(cards)),
        f"report-{cards[0].name if len(cards) == 1 else 'comparison'}.html",
        "text/html",
        key=key,
        icon=":material/lab_profile:",
        on_click="ignore",
        help="One HTML file of about 5 MB with the model cards, all scores and figures with their "
        "tables, on the split each model is reported on. It opens without this app and without a "
        "network. Making it takes a few seconds.",
    )


# For a minute only, for a missing file may be added.
@st.cache_data(max_entries=64, ttl=60, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _problem(card: ModelCard) -> str | None:
    """Returns why no report of the model can be made, before anybody asks for one in vain."""
    try:
        load_report_input(card)
    except ModelError as error:
        return str(error)
    return None


@st.cache_data(max_entries=4, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _report(cards: tuple[ModelCard, ...]) -> str:
    return render_report([card.name for card in cards])
