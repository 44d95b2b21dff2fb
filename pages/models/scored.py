"""A model that was scored here: its scores, use and limits."""

from __future__ import annotations

import streamlit as st

from fer_core.evaluation.scores import CKPLUS_PROTOCOL_IN_WORDS
from fer_core.labels import describe, split_title
from fer_core.reports import duplicates_sentence, rare_units_sentence
from fer_core.zoo import ModelCard
from pages.shared import PROTOCOLS, offer_report
from pages.widgets import column_titles, show_table, with_percents

CKPLUS_OUTPUTS = {
    "emotion": "emotions",
    "high_level": "coarse emotions",
    "action_units": "action units",
}


def show_scored(card: ModelCard) -> None:
    """Shows the scores of a model on every split, its intended use and its limits."""
    reported = card.reported
    with st.container(horizontal=True):
        st.metric("Accuracy", f"{reported.accuracy.value:.1%}", border=True)
        if (without := reported.without_training_duplicates) is not None:
            st.metric("Without duplicates", f"{without.accuracy.value:.1%}", border=True)
        st.metric("Macro F1", f"{reported.macro_f1.value:.1%}", border=True)
        st.metric("File size", f"{card.weights.size_bytes / 1e6:.1f} MB", border=True)
        st.metric("Parameters", f"{card.parameters / 1e6:.1f} M", border=True)
    st.markdown(f"{card.summary} {card.protocol.description} {duplicates_sentence(card)}")
    offer_report([card], key="models_report")
    scores = card.scores_frame().dropna(axis="columns", how="all")
    st.dataframe(
        scores.assign(
            split=scores["split"].map(split_title), protocol=scores["protocol"].map(PROTOCOLS)
        ),
        hide_index=True,
        alt=f"Scores of {card.title} by split",
        column_config={
            "split": "Split",
            "protocol": "Test-time augmentation",
            "rows": "Faces" if card.ckplus is None else "Sequences",
            "accuracy": "Accuracy (95% CI)",
            "macro_f1": "Macro F1 (95% CI)",
            "accuracy_without_duplicates": "Accuracy without duplicates",
        },
    )
    st.caption(
        "Test-time augmentation: none is a single pass, flip averages the face and its mirror "
        "image, ten-crop averages ten crops. Without duplicates: without faces that have an exact "
        "duplicate in the training split."
    )
    show_table(
        reported.to_frame(),
        key="models_classes",
        alt=f"Scores of {card.title} by expression",
        label="Scores by expression",
    )
    if card.ckplus is not None:
        st.markdown(
            "**Emotions, coarse emotions and action units on CK+**, each person held out once"
        )
        st.caption(f"{CKPLUS_PROTOCOL_IN_WORDS} {rare_units_sentence(card.ckplus)}")
        cross_validated = card.ckplus.to_frame()
        st.dataframe(
            with_percents(
                cross_validated.assign(output=cross_validated["output"].map(CKPLUS_OUTPUTS)),
                ("accuracy", "precision", "recall", "f1", "roc_auc"),
            ),
            hide_index=True,
            placeholder="",
            alt=f"Cross-validated scores of {card.title} on CK+",
            column_config=column_titles(cross_validated),
        )
        units = card.ckplus.by_sequence.action_units.to_frame()
        show_table(
            units.assign(action_unit=units["action_unit"].map(describe)),
            key="models_action_units",
            alt=f"Scores of {card.title} by action unit",
            label="Scores by action unit",
        )
    with st.expander("Intended use and limits", icon=":material/policy:", expanded=True):
        st.markdown(f"**Intended use.** {card.intended_use}")
        st.markdown(f"**Out of scope.** {card.out_of_scope_use}")
        st.markdown("**Limits**\n" + "\n".join(f"- {limit}" for limit in card.limits))
        st.markdown(f"**License of the data.** {card.data_license}")
