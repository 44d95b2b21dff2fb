"""Ends the live video from any page, without importing WebRTC, which takes half a second."""

from typing import Final, Protocol

import streamlit as st

LIVE_VIDEO_KEY: Final = "live_attempt"
"""Key of the live video attempt in the session state."""


class Endable(Protocol):
    """A live video attempt."""

    def end(self) -> None:
        """Ends it."""


def end_live_video() -> None:
    """Stops the camera of this session, if it runs."""
    attempt: Endable | None = st.session_state.get(LIVE_VIDEO_KEY)
    if attempt is not None:
        attempt.end()
