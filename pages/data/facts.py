"""Facts about the datasets that ship with the app: classes, duplicates, label agreement."""

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
    "FER2013": "Grayscale faces of 48x48 pixels, found by web search and labeled by hand. Training "
    "is the training split, PublicTest the validation split, PrivateTest the test split.",
    "FER+": "The images of FER2013, each relabeled by ten annotators. The label is the one with "
    "more than half of the votes; images without one, or without a face, are excluded.",
    "CK+": "327 sequences of posed expressions by 118 people; the last three frames of each. There "
    "is no fixed split: cross-validation by person, with one prediction per sequence, the mean of "
    "its three frames' probabilities.",
}
ALL_SPLITS = "all"


def show_classes() -> None:
    """Shows the number of images by class and split of a dataset."""
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
        alt=f"Images of {dataset} by label and split; numbers in the table below",
    )
    show_table(counts.to_frame, key="data_counts", alt=f"Images of {dataset} by label and split")
    st.subheader("Average faces")
    show_averages(counts.labels)
    st.caption(
        "The mean of each class of FER2013's training split, so no person is recognizable. "
        "Contempt is not a label of FER2013."
    )


def show_duplicates(cards: Sequence[ModelCard]) -> None:
    """Shows how many images are duplicates, and their effect on scores."""
    found = _facts().duplicates
    reported = found.by_split["PrivateTest"]
    with st.container(horizontal=True):
        st.metric(
            "Duplicate images",
            f"{found.surplus:,}",
            border=True,
            help="Images of FER2013 that removing exact (pixel-identical) duplicates would drop.",
        )
        st.metric(
            "Conflicting labels",
            f"{found.in_conflict:,}",
            border=True,
            help="Images whose duplicates have different labels, so that at least one is "
            "incorrect.",
        )
        st.metric(
            "Duplicates in the test split",
            f"{reported.duplicates:,} of {reported.images:,}",
            border=True,
            help="Images of PrivateTest that have an exact duplicate in the training split.",
        )
    st.markdown(
        "Train/test duplicates reward memorization. "
        f"{reported.same_label:,} of the {reported.duplicates:,} duplicates also have the same "
        f"label in training. {overlaps(found)}"
    )
    show_table(found.to_frame, key="data_duplicates", alt="Duplicates of training images by split")
    show_duplicate_scores(cards)


def show_labels() -> None:
    """Shows the agreement of the labels of FER2013 and FER+."""
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
            help="Of the images that FER+ includes.",
        )
        st.metric(
            "Cohen's kappa",
            f"{agreement.kappa:.2f}",
            border=True,
            help="Agreement corrected for chance: 1 for identical labels, 0 for chance level.",
        )
        st.metric(
            "Excluded by FER+",
            f"{agreement.left_out.sum():,}",
            border=True,
            help="No label has more than half of the votes, or the image is not a face.",
        )
    show_figure(
        label_agreement_figure(agreement, numbers),
        key="data_labels",
        alt="Labels of FER2013 (rows) vs. those of FER+; numbers in the table below",
    )
    st.caption(
        "Two groups of annotators labeled the same images. Where they disagree, no model can be "
        "correct for both. FER+ labels many faces neutral that FER2013 labels sad, angry or fear."
    )
    show_table(agreement.to_frame, key="data_label_counts", alt="Images by both labels")


def _pick_numbers(key: str) -> Numbers:
    return st.selectbox(
        "Numbers", list(NUMBERS), format_func=NUMBERS.__getitem__, key=key, bind="query-params"
    )


@st.cache_resource(show_spinner=False)
def _facts() -> DatasetFacts:
    return load_dataset_facts()
