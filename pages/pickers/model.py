"""Saved models on a page: picking one, loading it once, and what to show when there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.preprocessing import preprocess_batch
from fer_core.zoo import (
    Classifier,
    FacePredictions,
    ModelCard,
    ModelListing,
    ModelStore,
    list_models,
    load_classifier,
    with_distinct_titles,
)
from pages.widgets import end_page, take_other_names

BY_FINGERPRINT: Final[dict[str | type[Any], Callable[[Any], Any]]] = {
    ModelCard: attrgetter("fingerprint")
}
"""The `hash_funcs` of every cache that is given cards: a model exported anew is another one."""


def saved_models() -> tuple[ModelCard, ...]:
    """Returns the usable models, best first; ends the page with advice when there are none."""
    cards = usable_models()
    if not cards:
        advise_to_train()
        end_page()
    return cards


def usable_models() -> tuple[ModelCard, ...]:
    """Returns the usable models, best first, and names those that are not; there may be none.

    Their titles differ from each other, for it is the titles that stand in a link.
    """
    listing = list_models()
    _report_broken(listing)
    return with_distinct_titles(listing.cards)


def advise_to_train() -> None:
    """Says how to get a first model."""
    st.info(
        f"The folder `{ModelStore.default().folder}` holds no usable model. Train one with "
        "`python -m training.train`, save it there with `python -m training.export`, or "
        "point the environment variable `FER_MODELS_DIR` to a folder of models.",
        title="No saved models yet",
        icon=":material/deployed_code:",
    )


def pick_model(key: str, cards: Sequence[ModelCard], *, label: str = "Model") -> ModelCard:
    """Shows a picker, whose choice stands in the URL, and returns the card chosen.

    The URL has the title; one with the model's name, as the command line has it, does as well.
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


def pick_models(key: str, cards: Sequence[ModelCard]) -> list[ModelCard]:
    """Shows a picker for several models, all at first, and returns the cards chosen."""
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
def classifier_of(card: ModelCard) -> Classifier:
    """Returns the loaded, warmed-up model; one for all visitors, loaded again when it changes."""
    return load_classifier(card.name)


@st.cache_data(scope="session", max_entries=512, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def predictions_for(card: ModelCard, crop: NDArray[np.uint8]) -> FacePredictions:
    """Returns what a model says of one face, which a session remembers for the last hundreds.

    Args:
        card: of the model.
        crop: the face as it was cut out, RGB or gray uint8.
    """
    return classifier_of(card).predict_all(preprocess_batch([crop], card.preprocessing))


def _report_broken(listing: ModelListing) -> None:
    for model in listing.broken:
        st.warning(
            model.message,
            title=f"The model folder “{model.name}” cannot be used",
            icon=":material/broken_image:",
        )
