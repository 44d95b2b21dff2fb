"""Modules of streamlit-webrtc's frontend that must be loaded before it starts to play.

On start, it first loads a module and only then records that it has started. If it is rendered again
meanwhile, it starts a second connection: the server's answer then reaches the wrong one, and there
is no video. Streamlit renders a new frame three times, so this happens when Start is pressed before
that. So the camera check waits for the frame and loads the module first.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def modules_to_load_first() -> list[str]:
    """Returns their paths relative to the address of the component's page."""
    # Not earlier: a component that is declared before Streamlit's server runs is not served.
    import streamlit_webrtc

    page = Path(streamlit_webrtc.__file__).parent / "frontend" / "dist"
    return [path.relative_to(page).as_posix() for path in page.glob("assets/adapter_core-*.js")]
