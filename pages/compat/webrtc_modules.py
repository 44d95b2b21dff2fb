"""Modules of streamlit-webrtc's frontend that must be there before it is told to play.

Told to play, it first loads a module and only then remembers that it has begun. Whatever renders it
again meanwhile, as Streamlit does a few milliseconds later, makes it begin once more: with two
connections at once, the server's answer reaches the wrong one, and no video ever comes. The longer
the module takes, over a slow network, the surer that is. Loaded before, it takes no time.
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
