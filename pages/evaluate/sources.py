"""Which evaluation the page shows: a saved one, of own photos, or of a file of predictions."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from fer_core.benchmark import EvaluationListing, EvaluationStore, PhotoEvaluation
from fer_core.benchmark.photos import LabeledPhotos
from fer_core.labels import split_title
from pages.evaluate.cached import stored_evaluation
from pages.evaluate.own_photos import COMMAND, choose_own_photos
from pages.evaluate.prediction_file import choose_predictions
from pages.links import take_other_names
from pages.pickers import saved_models
from pages.shared import show_outside_matrix

SAVED, OWN_PHOTOS, PREDICTIONS = "Saved evaluations", "Your photos", "Predictions"

Chosen = tuple[PhotoEvaluation, LabeledPhotos | None]
"""An evaluation, with its photos if they are in memory."""


def choose_evaluation() -> Chosen | None:
    """Shows what can be evaluated; returns the evaluation, or None if there is none yet."""
    cards = saved_models()
    source = st.segmented_control(
        "Source",
        [SAVED, OWN_PHOTOS, PREDICTIONS],
        default=SAVED,
        required=True,
        key="evaluate_source",
        bind="query-params",
    )
    if source == OWN_PHOTOS:
        return choose_own_photos()
    if source == SAVED:
        show_outside_matrix(cards)
    evaluation = _choose_saved() if source == SAVED else choose_predictions()
    return None if evaluation is None else (evaluation, None)


def pick_entry(evaluation: PhotoEvaluation) -> str:
    """Shows the picker of one model of an evaluation, bound to the URL, and returns its name."""
    count = Counter(entry.title for entry in evaluation.entries.values())
    titles = {
        name: entry.title if count[entry.title] == 1 else f"{entry.title} ({name})"
        for name, entry in evaluation.entries.items()
    }
    take_other_names("evaluate_entry", titles)
    return st.selectbox(
        "Model",
        list(titles),
        format_func=titles.__getitem__,
        key="evaluate_entry",
        bind="query-params",
    )


def _choose_saved() -> PhotoEvaluation | None:
    places: dict[str, EvaluationStore] = {}
    for store in (EvaluationStore.shipped(), EvaluationStore.default()):
        listing = store.list()
        _report_broken(listing)
        places |= {record.name: store for record in listing.records}
    if not places:
        st.info(
            f"`{COMMAND} FOLDER --model cnn --save NAME` saves one in "
            f"`{EvaluationStore.default().folder}`.",
            title="No saved evaluations yet",
            icon=":material/folder_open:",
        )
        return None
    name = st.selectbox(
        "Evaluation",
        list(places),
        format_func=split_title,
        key="evaluate_saved",
        bind="query-params",
    )
    return stored_evaluation(str(places[name].folder), name)


def _report_broken(listing: EvaluationListing) -> None:
    for each in listing.broken:
        st.warning(
            each.message,
            title=f"Cannot read the evaluation “{each.name}”",
            icon=":material/broken_image:",
        )
