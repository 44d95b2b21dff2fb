"""The images on which most models err."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fer_core.evaluation.comparison import (
    ANY,
    difficulty,
    error_counts,
    hardest_first,
    incomparability_reason,
)
from fer_core.plots import difficulty_figure
from fer_core.zoo import ModelCard
from pages.pickers import pick_models, pick_split
from pages.shared import aligned_predictions_of, predictions_of, show_averages, show_rows
from pages.widgets import show_figure, show_table


def show_hardest(cards: Sequence[ModelCard]) -> None:
    """Shows how many models err on the images of each class, and the images."""
    by_split = _models_by_split(cards)
    if not by_split:
        return
    reported = next(card.protocol.report_split for card in cards if not card.members)
    split = pick_split("data_hard_split", by_split, first=reported)
    # One key per split, because each split has other models to choose from.
    chosen = pick_models(f"data_hard_models_{split}", by_split[split])
    if not chosen:
        st.info("Select at least one model.", icon=":material/compare:")
        return
    aligned = aligned_predictions_of(chosen, split, "plain")
    found = difficulty(aligned)
    figure, faces = st.columns([2, 3], gap="large")
    with figure:
        show_figure(
            difficulty_figure(found),
            key="data_difficulty",
            alt="How many models err on the images of each label; numbers in the table below",
        )
        show_table(found.to_frame, key="data_difficulties", alt="Models in error by label")
    with faces:
        errors = error_counts(aligned)
        with st.container(horizontal=True):
            label = st.selectbox(
                "True label", [ANY, *aligned.labels], key="data_hard_label", bind="query-params"
            )
            least = st.selectbox(
                "Models in error",
                range(len(chosen), 0, -1),
                format_func=lambda count: "all" if count == len(chosen) else f"at least {count}",
                key="data_hard_errors",
                bind="query-params",
            )
        is_hard = errors >= least
        if label != ANY:
            is_hard &= aligned.label == aligned.labels.index(label)
        hard = hardest_first(aligned.take(is_hard))
        where = "" if label == ANY else f" labeled **{label}**"
        st.markdown(f"**{len(hard):,} of {len(aligned):,}** faces{where}.")
        st.caption(
            "Hardest first: by the number of models in error, then by the lowest probability of "
            "the true label. Many labels are debatable."
        )
        if not len(hard):
            st.info("The models are correct on all of these faces.", icon=":material/check_circle:")
            return
        show_rows(
            hard,
            split,
            key="data_hard",
            file_name=f"hardest-{split}.csv",
            placeholder=partial(show_averages, [] if label == ANY else [label]),
        )


def _models_by_split(cards: Sequence[ModelCard]) -> dict[str, list[ModelCard]]:
    """The comparable models by split, without ensembles, which share their members' errors."""
    found: dict[str, list[ModelCard]] = {}
    for card in cards:
        if card.members:
            continue
        for split, predictions in predictions_of(card).items():
            models = found.setdefault(split, [])
            if not models or not incomparability_reason(
                predictions_of(models[0])[split], predictions
            ):
                models.append(card)
    return found
