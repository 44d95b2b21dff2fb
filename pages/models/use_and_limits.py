"""What the app is for, what it must not be used for, and why; in words."""

import streamlit as st

from fer_core.reports import HIGH_RISK, PROHIBITED, REGULATION, TRANSPARENCY


def show_use_and_limits() -> None:
    """Shows purpose, prohibited uses, the duty to tell people, and the scientific caveat."""
    st.markdown(
        "**Meant for** learning, research and demonstrations: seeing what such models can and "
        "cannot do, comparing them, studying their errors. It is no medical device.\n\n"
        "**An expression is not a feeling.** People scowl without anger and are angry without "
        "scowling; what a face shows depends on culture, situation and person. Barrett and others "
        "(2019) review the evidence: [Emotional Expressions "
        "Reconsidered](https://doi.org/10.1177/1529100619832930). So no result says what somebody "
        "feels, intends or is like.\n\n"
        "**Do not use it** to judge, rank, hire, grade, insure, police or monitor anybody, or on "
        f"people who have not agreed. In the European Union ({REGULATION}), {PROHIBITED}; "
        f"{HIGH_RISK}.\n\n"
        f"**Tell people.** By the same law {TRANSPARENCY}, and their data be handled lawfully. The "
        "question before the camera and the upload informs whoever uses this app; other people in "
        "the picture are yours to tell."
    )
