"""The home page: what the app does, the ranked models, and links to the other pages."""

import streamlit as st

from fer_core.evaluation.dataset import HUMAN_ACCURACY, load_dataset_facts
from fer_core.faces import load_samples
from fer_core.reports import majority_share, ranked_by_dataset, ranking_table
from pages.pickers import imported_models, saved_models
from pages.shared import latency_of, offer_latency, show_conditions, show_outside

st.title("Facial expression recognition")
st.markdown(
    "Small neural networks predict the **apparent expression** of a face. Try them on your own "
    "images, and explore their confidence and errors. Everything runs on the machine that serves "
    "this page; no image is stored."
)

TRY = (
    ("live/live.py", "videocam", "Live webcam", "Live predictions."),
    ("upload/upload.py", "add_photo_alternate", "Upload", "Your photos or video, or a sample."),
    ("compare/compare.py", "compare", "Compare models", "One face, every model."),
    ("confusion/confusion.py", "grid_on", "Confusion matrix", "Which labels are confused."),
)
EXPLORE = (
    ("calibration/calibration.py", "balance", "Calibration", "Confidence vs. accuracy, threshold."),
    ("robustness/robustness.py", "foggy", "Robustness", "Blur, noise, a covered mouth."),
    ("curves/curves.py", "show_chart", "Training curves", "Of the models, and your own logs."),
    ("data/data.py", "database", "Data", "Classes, duplicates, embedding map."),
)


def show_links(links: tuple[tuple[str, str, str, str], ...]) -> None:
    """Shows cards that link to pages: the page, its icon, a title and a short description."""
    for column, (path, icon, title, text) in zip(st.columns(len(links)), links, strict=True):
        with column.container(border=True, height="stretch", gap="xsmall"):
            st.page_link(path, label=f"**{title}**", icon=f":material/{icon}:")
            st.caption(text)


show_links(TRY)

st.subheader("Average faces")
samples = load_samples()
with st.container(horizontal=True, gap="small"):
    for label, image in samples.items():
        st.image(
            image,
            caption=label,
            width=100,
            alt=f"The average {label} face of the training photos, blurred and gray",
        )
st.caption(
    "Each is the mean of all training faces with that label, so it shows no real person. The other "
    "pages use these faces as samples."
)

st.subheader("Saved models")
models = saved_models()
by_dataset = ranked_by_dataset(models)
shown = [card for cards in by_dataset.values() for card in cards]
for dataset, cards in by_dataset.items():
    st.markdown(f"Measured on **{dataset}**")
    rows = [(card, latency_of(card)) for card in cards]
    st.html(ranking_table(rows, caption=f"Models measured on {dataset}, most accurate first"))
if imported := imported_models():
    st.markdown("**Imported**, not scored here")
    st.html(
        ranking_table(
            [(card, latency_of(card)) for card in imported],
            caption="Imported models, without scores",
        )
    )
facts = load_dataset_facts()
duplicates = facts.duplicates
st.caption(
    "Accuracy on each dataset's test split, with its 95% CI as the pale part of the bar; not "
    "comparable across datasets. Of FER2013's test faces, "
    f"{duplicates.by_split['PrivateTest'].duplicates} are exact duplicates of training faces "
    f"(excluded in “without duplicates”) and {duplicates.test_in_validation} of validation faces. "
    "On FER2013, always predicting the most common label reaches "
    f"{majority_share(facts.classes['FER2013'], 'PrivateTest'):.1%}, and people reach "
    f"{HUMAN_ACCURACY} (Goodfellow et al. 2013). "
    "Macro F1 is the unweighted mean over the classes, so rare expressions count equally."
    + (
        " Latency for one face on this machine: median (p50), and 95th percentile (p95) below."
        if any(latency_of(card) is not None for card in shown)
        else ""
    )
)
ranked = {card.name for card in shown}
if others := [card.title for card in models if card.name not in ranked]:
    st.caption(
        f"Not ranked: {'; '.join(others)}. They also detect action units and are tested on posed "
        "expressions; see [Models & data](models)."
    )
show_conditions(shown)
if shown:
    offer_latency(shown, key="home_measure")
show_outside(models)

st.subheader("Explore")
show_links(EXPLORE)

st.subheader("Limits")
st.markdown(
    "- The models predict an **apparent expression**: what a face looks like in one picture. They "
    "cannot know what a person feels; a smile does not prove joy.\n"
    "- They choose among seven or eight labels, even for a face that fits none. So every result "
    "shows all probabilities, and is called *uncertain* when the highest is low.\n"
    "- The training photos come from a web search in 2013. Accuracy may be lower for groups, ages, "
    "lighting and camera angles that are rare there; this has not been measured.\n"
    "- They do not identify people or predict age, gender or gaze. Do not use them to judge, hire, "
    "grade or monitor anyone: see [Use and limits](models#use-and-limits)."
)
