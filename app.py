"""The app's entry point: `streamlit run app.py`.

The script of every session is `pages/navigation.py`. If it were here, next to the folder `pages`,
Streamlit would first search for pages itself, and the first deep link after a server start would
show "Page not found".
"""

import gc
import importlib

import streamlit as st
from starlette.formparsers import MultiPartParser

from pages.compat.streamlit_expiry import expire_sessions
from pages.compat.streamlit_runs import deliver_all_runs

# No picture reaches the disk: without this, uploads of over 1 MB pass through a temporary file.
MultiPartParser.spool_max_size = 0

deliver_all_runs()
expire_sessions()

# Streamlit collects garbage after every run of a page and blocks all threads meanwhile. On two
# shared AVX-512 cores that took 97 ms after the live page, which reruns a fragment every 0.7 s, and
# 140 ms after every page had been opened; with these modules frozen, 32 and 56 ms. Nothing may be
# frozen later: a frozen object that refers to a visitor's picture would never release it.
for name in ("cv2", "pandas", "aiortc", "av", "onnxruntime"):
    importlib.import_module(name)
gc.collect()
gc.freeze()

app = st.App("pages/navigation.py")
