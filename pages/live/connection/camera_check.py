"""A check of the browser's camera and of the relay servers.

streamlit-webrtc reports whether video plays, but not why it does not. So a small script checks the
browser first; the video starts when the camera is available.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages.compat import modules_to_load_first
from pages.live.connection.feed import VIDEO
from pages.live.connection.ice import has_relay


@dataclass(frozen=True)
class CameraCheck:
    """The outcomes so far; None for those still unknown.

    Attributes:
        camera: `ready`, `insecure`, or the name of the browser's error, such as `NotAllowedError`.
        relay: `ready`, `refused` or `dead`; `unnamed` if none is configured.
    """

    camera: str | None = None
    relay: str | None = None


def check_camera(attempt: int | None, servers: list[dict[str, Any]]) -> CameraCheck:
    """Lets the browser check its camera and the servers, once for each attempt.

    Args:
        attempt: number of this attempt; None for no check.
        servers: STUN and TURN servers.
    """
    check = st.components.v2.component("fer_camera_check", js=_script(), isolate_styles=False)
    state = check(
        key="live_camera_check",
        data={
            "attempt": attempt,
            "constraints": VIDEO,
            "servers": servers if has_relay(servers) else [],
            "loadFirst": modules_to_load_first(),
        },
        on_camera_change=lambda: None,
        on_relay_change=lambda: None,
    )
    relay = _outcome(state.relay, attempt) if has_relay(servers) else "unnamed"
    return CameraCheck(_outcome(state.camera, attempt), relay)


def _outcome(said: Mapping[str, Any] | None, attempt: int | None) -> str | None:
    if said is None or attempt is None or said["attempt"] != attempt:
        return None
    return str(said["outcome"])


@st.cache_data(max_entries=1)
def _script() -> str:
    return Path(__file__).with_name("camera_check.js").read_text(encoding="utf-8")
