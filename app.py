"""The app's entry point: `streamlit run app.py`.

The script of every visit is `pages/navigation.py`. If it stood here, beside the folder `pages`,
Streamlit would first look for pages by itself, and the first deep link after a server start would
be greeted with "Page not found".
"""

import streamlit as st

app = st.App("pages/navigation.py")
