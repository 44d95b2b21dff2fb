"""Intended use, prohibited uses, and why: the full disclaimer of the app."""

import streamlit as st

from fer_core.reports import HIGH_RISK, PROHIBITED, REGULATION, TRANSPARENCY


def show_use_and_limits() -> None:
    """Shows the purpose, prohibited uses, the duty to inform, and the scientific caveat."""
    st.markdown(
        "**Intended for** learning, research and demonstrations: seeing what such models can and "
        "cannot do, comparing them, studying their errors. It is not a medical device.\n\n"
        "**An expression is not a feeling.** People scowl without anger and are angry without "
        "scowling; what a face shows depends on culture, situation and person. Barrett and others "
        "(2019) review the evidence: [Emotional Expressions "
        "Reconsidered](https://doi.org/10.1177/1529100619832930). So no result says what a person "
        "feels, intends or is like.\n\n"
        "**Do not use it** to judge, rank, hire, grade, insure, police or monitor anyone, or on "
        f"people who have not agreed. In the European Union ({REGULATION}), {PROHIBITED}; "
        f"{HIGH_RISK}.\n\n"
        f"**Inform people.** By the same law {TRANSPARENCY}, and their data be handled lawfully. "
        "The consent notice before the camera and the upload informs the person who uses this app; "
        "you must inform the other people in the picture."
    )
