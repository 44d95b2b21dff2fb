"""Many photos in a few figures."""

from __future__ import annotations

import streamlit as st

from fer_core.batch import BatchSummary


def show_summary(summary: BatchSummary) -> None:
    """Shows how many photos, faces and failures there are, and the mix of expressions."""
    with st.container(horizontal=True):
        st.metric("Photos", summary.files)
        st.metric("Faces", summary.faces)
        st.metric("Without a face", summary.without_face)
        st.metric("Could not be used", summary.failed)
    if summary.faces:
        mix = [
            f"{label} {count / summary.faces:.0%}" for label, count in summary.expressions.items()
        ]
        st.markdown(f"Apparent expressions on all photos: {', '.join(mix)}")
