"""The training curves of several runs in one figure, also while they train."""

import streamlit as st

from pages.curves.controls import show_runs
from pages.curves.runs import follow_runs, list_runs, uploaded_runs
from pages.pickers import advise_to_train, usable_models

st.title("Training curves")
st.markdown("Accuracy and loss of each run by epoch, also while it trains.")

cards = [card for card in usable_models() if not card.members]
if not cards:
    advise_to_train()
logs = uploaded_runs()
listing = list_runs(cards)
show_runs(listing, logs)
follow_runs(cards, listing)
