"""The entry script of every session: page config, navigation and the consent gate."""

from pathlib import Path

import streamlit as st

from pages.compat import keep_history_by_view
from pages.links import note_link, show_unknown_values
from pages.session import (
    ask_for_consent,
    end_live_video,
    has_consent,
    keep_consent,
    list_jobs,
    offer_clearing,
)
from pages.widgets import error_boundary

ICON = str(Path(__file__).with_name("icon.svg"))

st.set_page_config(page_icon=ICON, layout="wide")

home = st.Page(
    "home/home.py",
    title="Home",
    icon=":material/home:",
    default=True,
)
live = st.Page(
    "live/live.py",
    title="Live webcam",
    icon=":material/videocam:",
    url_path="live",
)
upload = st.Page(
    "upload/upload.py",
    title="Upload",
    icon=":material/add_photo_alternate:",
    url_path="upload",
)
compare = st.Page(
    "compare/compare.py",
    title="Compare models",
    icon=":material/compare:",
    url_path="compare",
)
confusion = st.Page(
    "confusion/confusion.py",
    title="Confusion",
    icon=":material/grid_on:",
    url_path="confusion",
)
curves = st.Page(
    "curves/curves.py",
    title="Training curves",
    icon=":material/show_chart:",
    url_path="curves",
)
calibration = st.Page(
    "calibration/calibration.py",
    title="Calibration & threshold",
    icon=":material/balance:",
    url_path="calibration",
)
robustness = st.Page(
    "robustness/robustness.py",
    title="Robustness",
    icon=":material/foggy:",
    url_path="robustness",
)
preprocessing = st.Page(
    "preprocessing/preprocessing.py",
    title="Preprocessing",
    icon=":material/tune:",
    url_path="preprocessing",
)
evaluate = st.Page(
    "evaluate/evaluate.py",
    title="Evaluate",
    icon=":material/checklist:",
    url_path="evaluate",
)
data = st.Page(
    "data/data.py",
    title="Data",
    icon=":material/database:",
    url_path="data",
)
models = st.Page(
    "models/models.py",
    title="Models & data",
    icon=":material/fact_check:",
    url_path="models",
)

st.logo(ICON, size="large")
page = st.navigation(
    {
        "": [home],
        "Try it": [live, upload],
        "Explore": [
            compare,
            confusion,
            curves,
            calibration,
            robustness,
            preprocessing,
            evaluate,
            data,
        ],
        "About": [models],
    }
)

list_jobs()
offer_clearing(home)
note_link(page.url_path)
with st.sidebar:
    keep_history_by_view()
    keep_consent()
if page is not live:
    end_live_video()
if page in (live, upload) and not has_consent():
    st.title(page.title, icon=page.icon)
    ask_for_consent()
else:
    unknown_values = st.empty()
    try:
        with error_boundary():
            page.run()
    finally:
        show_unknown_values(unknown_values)
