"""The session's threshold below which a face is uncertain, with the model it is for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

_CHOSEN = "uncertain_below"
_TAKEN = "uncertain_below_taken"


@dataclass(frozen=True)
class ChosenThreshold:
    """A threshold, the model it was chosen for, and the accuracy it reaches there.

    Attributes:
        model: name of the model.
        title: of the model.
        threshold: a confidence below it makes a prediction uncertain.
        accuracy: least selective accuracy on `split`; None if it covers no predictions.
        split: the model's validation split.
    """

    model: str
    title: str
    threshold: float
    accuracy: float | None
    split: str


def use_threshold(chosen: ChosenThreshold) -> None:
    """Sets the threshold and the model of the demo pages; each page applies it when it opens."""
    st.session_state[_CHOSEN] = chosen
    st.session_state[_TAKEN] = set()


def chosen_threshold() -> ChosenThreshold | None:
    """Returns the threshold chosen in this session; None before that."""
    chosen: ChosenThreshold | None = st.session_state.get(_CHOSEN)
    return chosen


def start_threshold_from_chosen(key: str) -> None:
    """Sets a slider that is about to be drawn to a newly chosen threshold.

    Only once, so that the slider can be moved afterwards. A link with another threshold is not
    affected: it starts a session in which none was chosen yet.
    """
    chosen = chosen_threshold()
    if chosen is not None and _is_new_to(key):
        st.session_state[key] = chosen.threshold


def start_model_from_chosen(key: str, names: Collection[str]) -> None:
    """Likewise sets a picker to the model of the chosen threshold, if it is among `names`."""
    chosen = chosen_threshold()
    if chosen is not None and chosen.model in names and _is_new_to(key):
        st.session_state[key] = chosen.model


def _is_new_to(key: str) -> bool:
    taken: set[str] = st.session_state[_TAKEN]
    is_new = key not in taken
    taken.add(key)
    return is_new
