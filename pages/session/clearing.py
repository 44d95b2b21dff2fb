"""A button on every page that deletes all data of the session."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.compat import forget_session_data
from pages.session.consent import withdraw_consent
from pages.session.jobs import stop_jobs
from pages.session.live_video import end_live_video

_CLEARED = "visit_was_cleared"


def offer_clearing(home: StreamlitPage) -> None:
    """Shows the button below the menu; it clears the session and opens the home page.

    Opening another page also removes the browser's widgets, which would send their files again.

    Args:
        home: a page without camera or upload.
    """
    if st.sidebar.button(
        "Clear my data",
        icon=":material/delete_sweep:",
        type="tertiary",
        key="clear_my_data",
        help="Stops the camera and deletes all images and results of this session.",
    ):
        end_live_video()
        stop_jobs()
        st.session_state.clear()
        forget_session_data()
        withdraw_consent()
        st.session_state[_CLEARED] = True
        # Without `query_params`, Streamlit raises an error if the URL contains a widget's value.
        st.switch_page(home, query_params={})
    if st.session_state.pop(_CLEARED, False):
        st.toast("All data of this session was deleted.", icon=":material/delete_sweep:")
