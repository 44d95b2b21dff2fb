"""One line below a threshold: its expected accuracy, or that it is for another model."""

from __future__ import annotations

import streamlit as st

from fer_core.errors import ModelError
from fer_core.labels import split_title
from fer_core.zoo import ImportedCard, RunnableCard
from pages.pickers import ChosenThreshold, chosen_threshold, use_threshold
from pages.shared.evaluations import predictions_of, selection_sweep_of


def show_threshold_note(card: RunnableCard, threshold: float, *, key: str) -> None:
    """Shows the expected accuracy at the chosen threshold; nothing for another threshold.

    Args:
        card: of the model that the page uses.
        threshold: that the page uses.
        key: prefix of the key of the button that applies the model's own threshold.
    """
    chosen = chosen_threshold()
    if chosen is None or chosen.threshold != threshold:
        return
    promise = "" if chosen.accuracy is None else f"at least {chosen.accuracy:.0%} correct"
    if chosen.model == card.name:
        if promise:
            st.caption(
                f":material/check_circle: Above this threshold, predictions of {card.title} were "
                f"{promise} on {split_title(chosen.split)}."
            )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f":material/warning: This threshold was chosen for {chosen.title}"
        text += f" ({promise})." if promise else "."
        own = _own(card, chosen)
        if own is None:
            st.caption(f"{text} No threshold of {card.title} reaches that.")
            return
        st.caption(f"{text} For {card.title}, use {own.threshold:.0%}.", width="content")
        st.button(
            f"Use {own.threshold:.0%}",
            key=f"{key}_own_threshold",
            on_click=use_threshold,
            args=(own,),
        )


def _own(card: RunnableCard, chosen: ChosenThreshold) -> ChosenThreshold | None:
    """Returns the lowest threshold of a model with the same accuracy; None if there is none."""
    if isinstance(card, ImportedCard):
        return None
    split = card.protocol.selection_split
    try:
        if chosen.accuracy is None or split not in predictions_of(card):
            return None
    except ModelError:  # they cannot be read
        return None
    threshold = selection_sweep_of(card).reaching(chosen.accuracy)
    if threshold is None:
        return None
    return ChosenThreshold(card.name, card.title, threshold, chosen.accuracy, split)
