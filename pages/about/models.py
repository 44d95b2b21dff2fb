"""The model cards in readable form, and the data behind them."""

import streamlit as st

from fer_core.action_units import describe
from fer_core.card_facts import headline_protocol, headline_scores
from fer_core.zoo import load_card
from pages.components.figures import show_table
from pages.components.models import pick_model, saved_models
from pages.components.reports import offer_report
from pages.components.use_and_limits import show_use_and_limits

st.title("Models & data")

st.header("Use and limits")
show_use_and_limits()

st.header("Training data: FER2013")
st.markdown(
    "35,887 gray faces of 48x48 pixels, found by web search in 2013 and labelled by hand with one "
    "of seven expressions. It was made for a competition at ICML 2013 and is still the common "
    "yardstick, with known defects:"
)
st.markdown(
    "- **Labels are noisy.** People who label the same pictures agree on about 65 % of them.\n"
    "- **Classes are uneven.** There are sixteen happy faces for every disgusted one.\n"
    "- **Copies.** 1,853 images are exact copies of others; 288 images of PrivateTest (8 %) have "
    "an exact twin in Training. Scores are given with and without these twins.\n"
    "- **Not all are faces.** Some pictures are drawings, crops without a face or plain text.\n"
    "- **Not everybody is in it alike.** Who appears in it, and how, mirrors web search of 2013."
)
st.page_link(
    "explore/data.py",
    label="Its classes, copies, labels and hardest images",
    icon=":material/database:",
)

with st.expander("How to get the dataset", icon=":material/download:"):
    st.markdown(
        "The app needs no dataset: its figures come from predictions saved with the models. To "
        "train, or to check a number yourself, get `fer2013.csv` (or `icml_face_data.csv`) from "
        "the Kaggle competition *Challenges in Representation Learning: Facial Expression "
        "Recognition Challenge* after accepting its rules, and put it into the folder `data/` of "
        "this project. Its images may be used for research and may not be passed on, which is "
        "why they do not come with this app."
    )

st.header("Saved models")
card = pick_model("models_model", saved_models())
headline = headline_scores(card)
with st.container(horizontal=True):
    st.metric("Accuracy", f"{headline.accuracy.value:.1%}", border=True)
    st.metric("Macro-F1", f"{headline.macro_f1.value:.3f}", border=True)
    st.metric("Size", f"{card.weights.size_bytes / 1e6:.1f} MB", border=True)
    st.metric("Weights", f"{card.parameters / 1e6:.2f} M", border=True)
st.caption(f"Measured on {headline_protocol(card)}.")
st.markdown(f"{card.summary} {card.protocol.description}")
offer_report([card], key="models_report")
st.dataframe(
    card.scores_frame(),
    hide_index=True,
    alt=f"Scores of {card.title} by split",
    column_config={
        "split": "Split",
        "protocol": "Protocol",
        "rows": "Frames" if card.ckplus else "Faces",
        "accuracy": "Accuracy (95 %)",
        "macro_f1": "Macro-F1 (95 %)",
        "accuracy_without_twins": "Accuracy without twins",
    },
)
st.caption(
    "plain: one pass. flip: the mean of a face and its mirror image. crops: the mean of "
    "ten windows of it. Without twins: only faces of "
    "which no exact copy is in the training split."
)
if card.ckplus is not None:
    st.caption(
        "By frame: this table counts every frame, three for each sequence, which are much alike."
    )
show_table(
    headline.to_frame(),
    key="models_classes",
    alt=f"Scores of {card.title} by expression",
    label="Scores by expression" + (", by sequence" if card.ckplus else ""),
)
if card.ckplus is not None:
    st.markdown("**Emotions, coarse emotions and action units on CK+**, each subject held out once")
    st.dataframe(
        card.ckplus.to_frame(),
        hide_index=True,
        alt=f"Cross-validated scores of {card.title} on CK+",
    )
    units = card.ckplus.by_frame.action_units.to_frame()
    show_table(
        units.assign(action_unit=units["action_unit"].map(describe)),
        key="models_action_units",
        alt=f"Scores of {card.title} by action unit",
        label="Scores by action unit, by frame",
    )
with st.expander("Intended use and limits", icon=":material/policy:", expanded=True):
    st.markdown(f"**Intended use.** {card.intended_use}")
    st.markdown(f"**Out of scope.** {card.out_of_scope_use}")
    st.markdown("**Limits**\n" + "\n".join(f"- {limit}" for limit in card.limits))
    st.markdown(f"**Licence of the data.** {card.data_licence}")
with st.expander("The whole card", icon=":material/data_object:"):
    stored = load_card(card.name).to_json()
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
