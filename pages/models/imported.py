"""An imported model: what it takes and gives, without scores."""

from __future__ import annotations

import streamlit as st

from fer_core.reports import imported_facts
from fer_core.zoo import ImportedCard


def show_imported(card: ImportedCard) -> None:
    """Shows what is known of a model from elsewhere."""
    with st.container(horizontal=True):
        st.metric("Accuracy", "–", border=True)
        st.metric("File size", f"{card.weights.size_bytes / 1e6:.1f} MB", border=True)
        st.metric("Parameters", f"{card.parameters / 1e6:.1f} M", border=True)
    st.markdown(card.summary)
    st.info(
        f"Evaluate it on labeled photos, with `python -m fer_core evaluate PHOTOS --model "
        f"{card.name}` or on the page Evaluate.",
        title="Not scored here",
        icon=":material/query_stats:",
    )
    st.table(imported_facts(card), border="horizontal")
