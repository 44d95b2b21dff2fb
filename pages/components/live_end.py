"""Ending the live video from where nothing else is known of it."""

import streamlit as st


def end_live_video() -> None:
    """Stops the camera of this visit, if it runs."""
    if "live_attempt" in st.session_state:
        # Here, since every page may end it: WebRTC takes half a second to import.
        from pages.components.live_attempt import stop_attempt

        stop_attempt()
