"""What is known of the datasets without having them: classes, copies, and how labels agree."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fer_core.evaluation.dataset import DatasetFacts, label_agreement, load_dataset_facts
from fer_core.plots import Numbers, class_counts_figure, label_agreement_figure
from fer_core.reports import ferplus_counts, overlaps
from fer_core.zoo import ModelCard
from pages.data.duplicates import show_duplicate_scores
from pages.shared import show_averages
from pages.widgets import show_figure, show_table

NUMBERS: dict[Numbers, str] = {"share": "shares", "images": "counts"}
ABOUT = {
    "FER2013": "Gray faces of 48x48 pixels, found by web search and labeled by hand. Training "
    "trains, PublicTest chooses, PrivateTest reports.",
    "FER+": "The images of FER2013 with ten new votes each. An image has the label that more than "
    "half of its votes name; without one it is left out, as are images that are no face.",
    "CK+": "327 filmed expressions of 118 people, posed in a laboratory; the last three frames of "
    "each. There is no split: models are tested on people they have not seen, with one prediction "
    "per sequence, the mean of its three frames' probabilities.",
}
ALL_SPLITS = "all"


def show_classes() -> None:
    """Shows how many images of each class each split of a dataset has."""
    facts = _facts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dataset = st.selectbox(
            "Dataset", list(facts.classes), key="data_dataset", bind="query-params"
        )
        numbers = _pick_numbers("data_class_numbers")
    counts = facts.classes[dataset]
    st.markdown(f"**{counts.total:,} images.** {ABOUT[dataset]}")
    if dataset == "FER+":
        st.caption(ferplus_counts(facts))
    if dataset == "FER2013":
        st.caption(facts.approximate_pixels)
    show_figure(
        class_counts_figure(counts, numbers),
        key="data_classes",
        alt=f"Images of {dataset} by label and split; all numbers stand in the table below",
    )
    show_table(counts.to_frame, key="data_counts", alt=f"Images of {dataset} by label and split")
    st.subheader("The average face of each expression")
    show_averages(counts.labels)
    st.caption(
        "The mean over FER2013's Training split, in which nobody can be recognised. Contempt is "
        "no label there."
    )


def show_duplicates(cards: Sequence[ModelCard]) -> None:
    """Shows how many images occur more than once, and what that does to scores."""
    copies = _facts().copies
    reported = copies.duplicates["PrivateTest"]
    with st.container(horizontal=True):
        st.metric(
            "Surplus copies",
            f"{copies.surplus:,}",
            border=True,
            help="Images of FER2013 that would go if each were kept once, pixel by pixel the same.",
        )
        st.metric(
            "Copies in conflict",
            f"{copies.in_conflict:,}",
            border=True,
            help="Images that occur with different labels, so that one of them must be wrong.",
        )
        st.metric(
            "Duplicates in PrivateTest",
            f"{reported.duplicates:,} of {reported.images:,}",
            border=True,
            help="Images of PrivateTest of which an exact copy is in the training split.",
        )
    st.markdown(
        "A test image with a copy in training asks for memory more than for skill. "
        f"{reported.same_label:,} of the {reported.duplicates:,} duplicates also have the same "
        f"label there. {overlaps(copies)}"
    )
    show_table(copies.to_frame, key="data_copies", alt="Duplicates of training images by split")
    show_duplicate_scores(cards)


def show_labels() -> None:
    """Shows which label of FER2013 meets which of FER+."""
    labels = _facts().labels
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.selectbox(
            "Split", [ALL_SPLITS, *labels.images], key="data_label_split", bind="query-params"
        )
        numbers = _pick_numbers("data_label_numbers")
    agreement = label_agreement(labels, None if split == ALL_SPLITS else split)
    with st.container(horizontal=True):
        st.metric(
            "Same label",
            f"{agreement.agreement:.1%}",
            border=True,
            help="Of the images that FER+ keeps.",
        )
        st.metric(
            "Cohen's kappa",
            f"{agreement.kappa:.2f}",
            border=True,
            help="Agreement beyond chance: 1 for the same labels, 0 for what chance would give.",
        )
        st.metric(
            "Left out by FER+",
            f"{agreement.left_out.sum():,}",
            border=True,
            help="No label has more than half of the votes, or the image is no face.",
        )
    show_figure(
        label_agreement_figure(agreement, numbers),
        key="data_labels",
        alt="Labels of FER2013 in rows against those of FER+; all numbers stand in the table below",
    )
    st.caption(
        "Two groups of people looked at the same images. Where they disagree, no model can be "
        "right by both. FER+ sees a neutral face in many that FER2013 calls sad, angry or afraid."
    )
    show_table(agreement.to_frame, key="data_label_counts", alt="Images by both labels")


def _pick_numbers(key: str) -> Numbers:
    return st.selectbox(
        "Numbers", list(NUMBERS), format_func=NUMBERS.__getitem__, key=key, bind="query-params"
    )


@st.cache_resource(show_spinner=False)
def _facts() -> DatasetFacts:
    return load_dataset_facts()
