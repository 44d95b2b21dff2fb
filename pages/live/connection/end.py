"""Ending the live video from where nothing else is known of it."""

from typing import Final

import streamlit as st

STATE_KEY: Final = "live_attempt"
"""Of the session's attempt to run the live video, in its state."""


def end_live_video() -> None:
    """Stops the camera of this visit, if it runs."""
    if STATE_KEY in st.session_state:
        # Here, since every page may end it: WebRTC takes half a second to import.
        from pages.live.connection.attempt import stop_attempt

        stop_attempt()
