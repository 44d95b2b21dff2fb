"""The test images that most models get most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fer_core.evaluation.comparison import (
    ANY,
    difficulty,
    error_counts,
    hardest_first,
    why_not_comparable,
)
from fer_core.plots import difficulty_figure
from fer_core.zoo import ModelCard
from pages.pickers import pick_models, pick_split
from pages.shared import answers_of, predictions_of, show_averages, show_rows
from pages.widgets import show_figure, show_table


def show_hardest(cards: Sequence[ModelCard]) -> None:
    """Shows how many models err on the images of each class, and the images themselves."""
    by_split = _models_by_split(cards)
    if not by_split:
        return
    reported = next(card.protocol.report_split for card in cards if not card.members)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = pick_split("data_hard_split", by_split, first=reported)
        # A key for each split, because others answered it, of whom the choice here says nothing.
        chosen = pick_models(f"data_hard_models_{split}", by_split[split])
    if not chosen:
        st.info("Choose at least one model.", icon=":material/compare:")
        return
    aligned = answers_of(chosen, split, "plain")
    found = difficulty(aligned)
    figure, faces = st.columns([2, 3], gap="large")
    with figure:
        show_figure(
            difficulty_figure(found),
            key="data_difficulty",
            alt="How many models err on the images of each label; numbers in the table below",
        )
        show_table(found.to_frame, key="data_difficulties", alt="Models that err by label")
    with faces:
        errors = error_counts(aligned)
        with st.container(horizontal=True):
            label = st.selectbox(
                "Labeled", [ANY, *aligned.labels], key="data_hard_label", bind="query-params"
            )
            least = st.selectbox(
                "Models that err",
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
            "The hardest first: those on which more models err, then those whose label the models "
            "believe least. Many are labeled in a way that people would dispute too."
        )
        if not len(hard):
            st.info("The models get all of these faces right.", icon=":material/check_circle:")
            return
        show_rows(
            hard,
            split,
            key="data_hard",
            file_name=f"hardest-{split}.csv",
            stand_in=partial(show_averages, [] if label == ANY else [label]),
        )


def _models_by_split(cards: Sequence[ModelCard]) -> dict[str, list[ModelCard]]:
    """The single models that can be lined up on each split: an ensemble errs with its members."""
    found: dict[str, list[ModelCard]] = {}
    for card in cards:
        if card.members:
            continue
        for split, predictions in predictions_of(card).items():
            models = found.setdefault(split, [])
            if not models or not why_not_comparable(predictions_of(models[0])[split], predictions):
                models.append(card)
    return found
