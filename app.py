"""The app's entry point: `streamlit run app.py`.

The script of every visit is `pages/navigation.py`. If it stood here, beside the folder `pages`,
Streamlit would first look for pages by itself, and the first deep link after a server start would
be greeted with "Page not found".
"""

import threading

import streamlit as st
from starlette.formparsers import MultiPartParser

from pages.compat.streamlit_runs import let_runs_arrive
from pages.components.garbage import load_modules

# No picture reaches the disk: without this, uploads of over 1 MB pass through a temporary file.
MultiPartParser.spool_max_size = 0

let_runs_arrive()
threading.Thread(target=load_modules, name="load_modules", daemon=True).start()

app = st.App("pages/navigation.py")
