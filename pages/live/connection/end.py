"""Ends the live video from any page, without importing WebRTC."""

from typing import Final

import streamlit as st

STATE_KEY: Final = "live_attempt"
"""Key of the live video attempt in the session state."""


def end_live_video() -> None:
    """Stops the camera of this session, if it runs."""
    if STATE_KEY in st.session_state:
        # Imported here, because every page may call this: WebRTC takes half a second to import.
        from pages.live.connection.attempt import stop_attempt

        stop_attempt()
