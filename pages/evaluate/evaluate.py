"""Models on labeled photos that they were not made for."""

import streamlit as st

from fer_core.benchmark import hardest_photos
from pages.evaluate.calibration_view import show_calibration
from pages.evaluate.confusion_cells import show_confusion
from pages.evaluate.overview import offer_report, show_overview
from pages.evaluate.photo_list import list_photos
from pages.evaluate.slices_view import show_slices
from pages.evaluate.sources import choose_evaluation, pick_entry
from pages.widgets import as_markdown, end_page

OVERVIEW, CONFUSION, CALIBRATION, SLICES, HARDEST = (
    "Overview",
    "Confusion",
    "Calibration",
    "Slices",
    "Hardest photos",
)

st.title("Evaluate")
st.markdown(
    "How accurate models are on **labeled photos from elsewhere**: other datasets, your own, or "
    "predictions of another model. A photo without a found face counts as an error."
)

chosen = choose_evaluation()
if chosen is None:
    end_page()
evaluation, pictures = chosen

photos = evaluation.photos
classes = ", ".join(photos.labels)
st.markdown(f"**{len(photos):,} photos** in {len(photos.labels)} classes: {classes}.")
if evaluation.left_out:
    left_out = ", ".join(f"{label} ({count:,})" for label, count in evaluation.left_out.items())
    st.caption(f"Left out, because a model cannot predict the class: {left_out}.")
for note in evaluation.notes:
    st.caption(as_markdown(note))

with st.container(horizontal=True, vertical_alignment="bottom"):
    view = st.segmented_control(
        "Show",
        [OVERVIEW, CONFUSION, CALIBRATION, SLICES, HARDEST],
        default=OVERVIEW,
        required=True,
        key="evaluate_view",
        bind="query-params",
    )
    entry = ""
    if view in (CONFUSION, CALIBRATION, SLICES):
        entry = pick_entry(evaluation)
if view == OVERVIEW:
    show_overview(evaluation)
    offer_report(evaluation)
elif view == CONFUSION:
    show_confusion(evaluation, entry, pictures)
elif view == CALIBRATION:
    show_calibration(evaluation, entry)
elif view == SLICES:
    show_slices(evaluation, entry)
else:
    list_photos(evaluation, hardest_photos(evaluation), pictures, key="evaluate_hardest")
