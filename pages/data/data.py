"""The data: classes, duplicates, label agreement, hardest images, and an embedding map."""

import streamlit as st

from pages.data.embedding_map import show_map
from pages.data.facts import show_classes, show_duplicates, show_labels
from pages.data.hardest import show_hardest
from pages.pickers import advise_to_train, usable_models
from pages.shared import scored

VIEWS = {
    "classes": "Classes",
    "duplicates": "Duplicates",
    "labels": "Label agreement",
    "hardest": "Hardest images",
    "map": "Embedding map",
}

st.title("Data")
st.markdown(
    "The training and test data. Many apparent errors of the models come from noisy labels."
)
cards = usable_models()
if not cards:
    advise_to_train()
cards = scored(cards)
view = st.segmented_control(
    "Show",
    list(VIEWS),
    default="classes",
    required=True,
    format_func=VIEWS.__getitem__,
    key="data_view",
    bind="query-params",
)
if view == "classes":
    show_classes()
elif view == "duplicates":
    show_duplicates(cards)
elif view == "labels":
    show_labels()
elif view == "hardest":
    show_hardest(cards)
else:
    show_map(cards)
