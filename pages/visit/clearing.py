"""One button, on every page, after which nothing of a visit is left."""

from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.compat import forget_session_data
from pages.visit.consent import withdraw_consent
from pages.visit.jobs import stop_jobs

_CLEARED = "visit_was_cleared"


def offer_clearing(home: StreamlitPage, end_live_video: Callable[[], None]) -> None:
    """Shows the button below the menu; pressed, it empties the visit and goes home.

    Going to another page also takes away the browser's widgets, which would send their files again.

    Args:
        home: a page that takes no pictures.
        end_live_video: stops the camera of this visit.
    """
    if st.sidebar.button(
        "Clear my data",
        icon=":material/delete_sweep:",
        type="tertiary",
        key="clear_my_data",
        help="Stops the camera and forgets all pictures and results of this visit.",
    ):
        end_live_video()
        stop_jobs()
        st.session_state.clear()
        forget_session_data()
        withdraw_consent()
        st.session_state[_CLEARED] = True
        # Without `query_params` Streamlit refuses where the URL holds a widget's value.
        st.switch_page(home, query_params={})
    if st.session_state.pop(_CLEARED, False):
        st.toast("Everything of this visit is cleared.", icon=":material/delete_sweep:")
