"""The app's entry point: `streamlit run app.py`.

The script of every visit is `pages/navigation.py`. If it stood here, beside the folder `pages`,
Streamlit would first look for pages by itself, and the first deep link after a server start would
be greeted with "Page not found".
"""

import gc
import importlib

import streamlit as st
from starlette.formparsers import MultiPartParser

from pages.compat.streamlit_expiry import let_sessions_expire
from pages.compat.streamlit_runs import let_runs_arrive

# No picture reaches the disk: without this, uploads of over 1 MB pass through a temporary file.
MultiPartParser.spool_max_size = 0

let_runs_arrive()
let_sessions_expire()

# Streamlit collects garbage after every run of a page, while all threads wait. On two shared
# AVX-512 cores that took 97 ms after the live page, which runs a part of itself every 0.7 s, and
# 140 ms when every page had been visited; with these modules left out of it, 32 and 56 ms. Nothing
# may be frozen later: what is frozen and holds a visitor's picture might keep it for good.
for name in ("cv2", "pandas", "aiortc", "av", "onnxruntime"):
    importlib.import_module(name)
gc.collect()
gc.freeze()

app = st.App("pages/navigation.py")
