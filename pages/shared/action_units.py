"""The action units of one face, by number and name."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from fer_core.evaluation.scores import THRESHOLD
from fer_core.labels import describe
from pages.widgets import percent_bar


def show_action_units(action_units: Mapping[str, float], *, name: str, key: str) -> None:
    """Lists the active units, and the probabilities of all; shows nothing without any."""
    if not action_units:
        return
    ordered = sorted(action_units.items(), key=lambda item: -item[1])
    active = [describe(unit) for unit, probability in ordered if probability >= THRESHOLD]
    st.markdown(f"Action units: {', '.join(active) or 'none'}")
    table = pd.DataFrame(
        {
            "action_unit": [describe(unit) for unit, _ in ordered],
            "probability": [probability for _, probability in ordered],
        }
    )
    with st.expander("All action units", icon=":material/face:"):
        st.dataframe(
            table,
            key=key,
            hide_index=True,
            alt=f"{name}: probability of each action unit",
            column_config={
                "action_unit": "Action unit",
                "probability": percent_bar("Probability"),
            },
        )
