"""What this is in ten seconds, the saved models ranked, and where to go on."""

import streamlit as st

from fer_core.evaluation.dataset import HUMAN_ACCURACY, load_dataset_facts
from fer_core.faces import load_samples
from fer_core.reports import commonest_share, ranked_by_dataset, ranking_table
from pages.pickers import saved_models
from pages.shared import latency_of, offer_times, show_conditions

st.title("Which expression does the machine see?")
st.markdown(
    "Show a face to a small neural network and see **what expression it reads**, how sure it is, "
    "and how often it is wrong. Everything runs on the machine that serves this page; no image "
    "is stored."
)

FIRST = (
    ("live/live.py", "videocam", "Try your webcam", "Labels follow your face, live."),
    ("upload/upload.py", "add_photo_alternate", "Try a photo or clip", "Yours, or a sample."),
    ("compare/compare.py", "compare", "Compare models", "One face, every model."),
    ("confusion/confusion.py", "grid_on", "See the mistakes", "What it mixes up, and why."),
)
THEN = (
    ("calibration/calibration.py", "balance", "How sure is it?", "When to believe an answer."),
    ("robustness/robustness.py", "foggy", "What does it bear?", "Blur, noise, a covered mouth."),
    ("curves/curves.py", "show_chart", "How did it learn?", "Training curves, yours too."),
    ("data/data.py", "database", "What did it see?", "Labels, copies, a map of faces."),
)


def show_ways(ways: tuple[tuple[str, str, str, str], ...]) -> None:
    """Shows cards that lead to pages: the page, its icon, a title and a few words."""
    for column, (path, icon, title, text) in zip(st.columns(len(ways)), ways, strict=True):
        with column.container(border=True, height="stretch", gap="xsmall"):
            st.page_link(path, label=f"**{title}**", icon=f":material/{icon}:")
            st.caption(text)


show_ways(FIRST)

st.subheader("What the models look for")
samples = load_samples()
with st.container(horizontal=True, gap="small"):
    for label, image in samples.items():
        st.image(
            image,
            caption=label,
            width=104,
            alt=f"The average {label} face of the training photos, blurred and gray",
        )
st.caption(
    "Not photos of anybody: each is the average of all training faces with that label. They are "
    "the samples that you can try on the pages of this app."
)

st.subheader("Saved models")
models = saved_models()
by_dataset = ranked_by_dataset(models)
shown = [card for cards in by_dataset.values() for card in cards]
for dataset, cards in by_dataset.items():
    st.markdown(f"Measured on **{dataset}**")
    rows = [(card, latency_of(card)) for card in cards]
    st.html(ranking_table(rows, caption=f"Models measured on {dataset}, the most accurate first"))
facts = load_dataset_facts()
copies = facts.copies
st.caption(
    "Accuracy on the test split of each dataset, of CK+ on people held out, with its 95% interval, "
    "pale on the bar; between datasets it does not compare. Of FER2013's test faces "
    f"{copies.duplicates['PrivateTest'].duplicates} are exact copies of training faces, which "
    f"“without duplicates” leaves out, and {copies.test_in_validation} of faces that settings were "
    "chosen on. There, always naming the commonest label gives "
    f"{commonest_share(facts.classes['FER2013'], 'PrivateTest'):.1%}, and people reach "
    f"{HUMAN_ACCURACY} (Goodfellow et al. 2013). "
    "Macro-F1 is the mean over the classes, so that rare expressions count as much."
    + (
        " Time for one face, measured on this machine: half of all calls are faster, and 95 of "
        "100 are within the time below."
        if any(latency_of(card) is not None for card in shown)
        else ""
    )
)
ranked = {card.name for card in shown}
if others := [card.title for card in models if card.name not in ranked]:
    st.caption(
        f"Saved too, but not ranked: {'; '.join(others)}. They also read action units and are "
        "measured on posed peaks; their scores stand under [Models & data](models)."
    )
show_conditions(shown)
if shown:
    offer_times(shown, key="home_measure")

st.subheader("Look closer")
show_ways(THEN)

st.subheader("What it cannot do")
st.markdown(
    "- It names an **apparent expression**: what a face looks like in one picture. What "
    "somebody feels is not visible, and a smile is not proof of joy.\n"
    "- It knows seven or eight labels and must choose among them, even for a face that fits none. "
    "So every result comes with all probabilities, and is called *uncertain* when the best one "
    "is low.\n"
    "- The training photos come from a web search of 2013. Groups, ages, lighting and camera "
    "angles that are rare there may be judged worse; nobody measured it.\n"
    "- It does not recognise people, and says nothing about identity, age, gender or gaze. "
    "Do not use it to judge, hire, grade or watch anybody. What law and science say stands under "
    "[Use and limits](models#use-and-limits)."
)
