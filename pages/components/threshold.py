"""The threshold below which a face is called uncertain, one for the whole visit."""

from __future__ import annotations

import streamlit as st

from fer_core.analysis import UNCERTAIN_BELOW

_CHOSEN = "uncertain_below"
_TAKEN = "uncertain_below_taken"


def use_threshold(threshold: float) -> None:
    """Makes this the threshold of every page, which each takes when it is opened next."""
    st.session_state[_CHOSEN] = threshold
    st.session_state[_TAKEN] = set()


def threshold_in_use() -> float:
    """Returns the threshold with which the pages open."""
    value: float = st.session_state.get(_CHOSEN, UNCERTAIN_BELOW)
    return value


def start_from_chosen(key: str) -> None:
    """Puts a newly chosen threshold into a slider that is about to be drawn.

    It does so once, so that the slider can be moved away from it; and a link that names another
    threshold begins a visit in which none was chosen yet.
    """
    if _CHOSEN in st.session_state and key not in st.session_state[_TAKEN]:
        st.session_state[_TAKEN].add(key)
        st.session_state[key] = st.session_state[_CHOSEN]
