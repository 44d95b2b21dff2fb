"""The page Models & data: use and limits, the training data, and the model cards."""

import streamlit as st

from fer_core.evaluation.dataset import load_dataset_facts
from fer_core.reports import known_defects
from fer_core.zoo import ImportedCard, ModelStore
from pages.models.imported import show_imported
from pages.models.scored import show_scored
from pages.models.use_and_limits import show_use_and_limits
from pages.pickers import pick_model, runnable_models

st.title("Models & data")

st.header("Use and limits")
show_use_and_limits()

st.header("Training data: FER2013")
facts = load_dataset_facts()
st.markdown(
    f"{facts.classes['FER2013'].total:,} grayscale faces of 48x48 pixels, found by web search and "
    "labeled by hand with one of seven expressions. It was made for a competition at ICML 2013 and "
    "is still a common benchmark, with known defects:"
)
st.markdown("\n".join(f"- {defect}" for defect in known_defects(facts)))
st.caption(facts.approximate_pixels)
st.page_link(
    "data/data.py",
    label="Explore the dataset",
    icon=":material/database:",
)

with st.expander("How to get the dataset", icon=":material/download:"):
    st.markdown(
        "The app works without the dataset: its figures come from predictions saved with the "
        "models. To train a model or to verify a number, download `fer2013.csv` (or "
        "`icml_face_data.csv`) from the Kaggle competition *Challenges in Representation Learning: "
        "Facial Expression Recognition Challenge*, after accepting its rules, into the folder "
        "`data/` of this project. The images are for research only and may not be redistributed, "
        "so this app does not include them."
    )

st.header("Saved models")
card = pick_model("models_model", runnable_models())
if isinstance(card, ImportedCard):
    show_imported(card)
else:
    show_scored(card)
with st.expander("Full model card", icon=":material/data_object:"):
    stored = ModelStore.default().load_card(card.name).to_json()
    st.json(stored, expanded=1)
    st.download_button(
        "Download card.json",
        stored,
        f"{card.name}-card.json",
        "application/json",
        key="models_card_json",
        icon=":material/download:",
        on_click="ignore",
    )
