"""Modules of streamlit-webrtc's frontend that must be there before it is told to play.

Told to play, it first loads a module and only then remembers that it has begun. If it is rendered
again meanwhile, it begins once more: with several connections at once, the server's answer reaches
the wrong one, and no video comes. Streamlit renders a frame three times when it has just loaded, so
this befalls who presses Start before that. So the camera check waits for the frame and has it load
the module, which then takes no time.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit_webrtc


@cache
def modules_to_load_first() -> list[str]:
    """Returns their paths below the address of the component's page."""
    page = Path(streamlit_webrtc.__file__).parent / "frontend" / "dist"
    return [path.relative_to(page).as_posix() for path in page.glob("assets/adapter_core-*.js")]
