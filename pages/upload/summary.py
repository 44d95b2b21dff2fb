"""A summary of many photos."""

from __future__ import annotations

import streamlit as st

from fer_core.batch import BatchSummary


def show_summary(summary: BatchSummary) -> None:
    """Shows the counts of photos, faces and failures, and the shares of expressions."""
    with st.container(horizontal=True):
        st.metric("Photos", summary.files)
        st.metric("Faces", summary.faces)
        st.metric("Without a face", summary.without_face)
        st.metric("Failed", summary.failed)
    if summary.faces:
        mix = [
            f"{label} {count / summary.faces:.1%}" for label, count in summary.expressions.items()
        ]
        st.markdown(f"Apparent expressions on all photos: {', '.join(mix)}")
