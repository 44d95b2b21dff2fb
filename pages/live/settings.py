"""The settings of the live video; each stands in the URL and takes effect while it runs."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from fer_core.drawing import OverlayStyle
from fer_core.live import LiveSettings
from fer_core.tracking import HALF_LIFE_S, TrackingConfig
from pages.live.connection import Overlay

_STYLES: dict[OverlayStyle, str] = {"full": "Boxes and bars", "boxes": "Boxes", "none": "Nothing"}


def pick_live_settings(threshold: float) -> tuple[LiveSettings, Overlay]:
    """Shows the pickers behind a button and returns what was chosen."""
    with st.popover("Smoothing and drawing", icon=":material/tune:"):
        half_life_s = st.slider(
            "Smoothing",
            0.0,
            2.0,
            HALF_LIFE_S,
            0.05,
            format="%.2f s",
            key="live_smoothing",
            bind="query-params",
            help="After this time a new expression weighs as much as the old one. 0 shows every "
            "frame's own answer.",
        )
        detect_every = st.slider(
            "Look for faces on every n-th frame",
            1,
            6,
            LiveSettings.detect_every,
            key="live_detect_every",
            bind="query-params",
            help="In between, known faces are followed. A slow machine looks less often by itself.",
        )
        style = st.segmented_control(
            "Draw on the video",
            get_args(OverlayStyle),
            format_func=_STYLES.__getitem__,
            default="full",
            required=True,
            key="live_style",
            bind="query-params",
        )
        mirror = st.toggle("Mirror the picture", True, key="live_mirror", bind="query-params")
    follow = TrackingConfig(threshold=threshold, half_life_s=half_life_s)
    return LiveSettings(follow=follow, detect_every=detect_every), Overlay(style, mirror)
