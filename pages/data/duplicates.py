"""Train/test duplicates: the accuracy of the models on them, and the images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fer_core.evaluation.comparison import incomparability_reason
from fer_core.evaluation.dataset import MAP_SPLIT, duplicate_table
from fer_core.labels import split_title
from fer_core.plots import duplicates_figure
from fer_core.zoo import ModelCard
from pages.pickers import pick_models
from pages.shared import aligned_predictions_of, predictions_of, show_rows
from pages.widgets import show_figure, show_table


def show_duplicate_scores(cards: Sequence[ModelCard]) -> None:
    """Shows the accuracy on duplicates and on all other images, and the duplicates."""
    predictions = {
        card.name: found[MAP_SPLIT]
        for card in cards
        if MAP_SPLIT in (found := predictions_of(card))
    }
    table = duplicate_table(predictions)
    if not table.scores:
        return
    titles = {card.name: card.title for card in cards}
    st.subheader("Accuracy on duplicates")
    show_figure(
        duplicates_figure(table, titles=titles),
        key="data_duplicate_figure",
        alt="Accuracy on duplicates and on other test images by model; numbers in the table below",
    )
    st.caption(f"{split_title(MAP_SPLIT)}, without test-time augmentation, with 95% CIs (Wilson).")
    show_table(
        table.to_frame,
        key="data_duplicate_scores",
        alt="Accuracy on duplicates and others",
        titles=titles,
    )

    first, *others = (card for card in cards if card.name in table.scores)
    asked = predictions[first.name]
    scored = [
        card
        for card in (first, *others)
        if not card.members and not incomparability_reason(asked, predictions[card.name])
    ]
    if not scored:
        return
    st.subheader("Duplicates")
    chosen = pick_models("data_duplicate_models", scored)
    if not chosen:
        st.info("Select at least one model.", icon=":material/compare:")
        return
    aligned = aligned_predictions_of(chosen, MAP_SPLIT, "plain")
    duplicates = aligned.take(np.isin(aligned.row_id, asked.row_id[asked.has_training_duplicate]))
    show_rows(duplicates, MAP_SPLIT, key="data_duplicate", file_name=f"duplicates-{MAP_SPLIT}.csv")
