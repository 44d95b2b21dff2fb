"""Saved models on a page: picking one, loading it once, and a message when there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.preprocessing import preprocess_batch
from fer_core.zoo import (
    Classifier,
    FacePredictions,
    ImportedCard,
    ModelCard,
    ModelListing,
    ModelStore,
    RunnableCard,
    list_models,
    load_classifier,
    with_distinct_titles,
)
from pages.links import take_other_names
from pages.widgets import end_page

Card = TypeVar("Card", ModelCard, RunnableCard)

BY_FINGERPRINT: Final[dict[str | type[Any], Callable[[Any], Any]]] = {
    ModelCard: attrgetter("fingerprint"),
    ImportedCard: attrgetter("fingerprint"),
}
"""The `hash_funcs` of every cache with cards as arguments: a re-exported model is a new key."""


def saved_models() -> tuple[ModelCard, ...]:
    """Returns the models with scores, best first; ends the page with advice when there are none."""
    cards = usable_models()
    if not cards:
        advise_to_train()
        end_page()
    return cards


def runnable_models() -> tuple[RunnableCard, ...]:
    """Returns all models that can be run, imported ones last; ends the page as `saved_models`."""
    listing = list_models()
    _report_broken(listing)
    if not listing.runnable:
        advise_to_train()
        end_page()
    return with_distinct_titles(listing.runnable)


def usable_models() -> tuple[ModelCard, ...]:
    """Returns the models with scores, best first, and warns of broken ones; there may be none.

    Their titles are distinct, because links contain titles.
    """
    listing = list_models()
    _report_broken(listing)
    return with_distinct_titles(listing.cards)


def imported_models() -> tuple[ImportedCard, ...]:
    """Returns the models from elsewhere; there may be none."""
    return with_distinct_titles(list_models().imported)


def model_titles() -> dict[str, str]:
    """Returns the titles of all models that can be run by their names."""
    return {card.name: card.title for card in with_distinct_titles(list_models().runnable)}


def advise_to_train() -> None:
    """Explains how to get a first model."""
    st.info(
        f"The folder `{ModelStore.default().folder}` contains no usable model. Train one with "
        "`python -m training.train` and save it there with `python -m training.export`, or set the "
        "environment variable `FER_MODELS_DIR` to a folder of models.",
        title="No saved models yet",
        icon=":material/deployed_code:",
    )


def pick_model(key: str, cards: Sequence[Card], *, label: str = "Model") -> Card:
    """Shows a picker, bound to the URL, and returns the selected card.

    The URL contains the title; the model's name, as on the command line, is accepted too.
    """
    by_name = {card.name: card for card in cards}
    take_other_names(key, {name: card.title for name, card in by_name.items()})
    name = st.selectbox(
        label,
        list(by_name),
        format_func=lambda name: by_name[name].title,
        key=key,
        bind="query-params",
    )
    return by_name[name]


def pick_models(key: str, cards: Sequence[Card]) -> list[Card]:
    """Shows a picker of several models, all by default, and returns the selected cards."""
    by_name = {card.name: card for card in cards}
    take_other_names(key, {name: card.title for name, card in by_name.items()})
    names = st.pills(
        "Models",
        list(by_name),
        default=list(by_name),
        format_func=lambda name: by_name[name].title,
        selection_mode="multi",
        key=key,
        bind="query-params",
    )
    return [by_name[name] for name in names]


@st.cache_resource(max_entries=16, show_spinner="Loading the model…", hash_funcs=BY_FINGERPRINT)
def classifier_of(card: RunnableCard) -> Classifier:
    """Returns the loaded, warmed-up model; shared by all visitors, reloaded when it changes."""
    return load_classifier(card.name)


@st.cache_data(scope="session", max_entries=512, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def predictions_for(card: RunnableCard, crop: NDArray[np.uint8]) -> FacePredictions:
    """Returns the predictions of a model for one face; cached for the session.

    Args:
        card: of the model.
        crop: the cropped face, RGB or gray uint8.
    """
    return classifier_of(card).predict_all(preprocess_batch([crop], card.preprocessing))


def _report_broken(listing: ModelListing) -> None:
    for model in listing.broken:
        st.warning(
            model.message,
            title=f"Cannot read the model folder “{model.name}”",
            icon=":material/broken_image:",
        )
