"""The settings of the live video; each is bound to the URL and takes effect immediately."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from fer_core.drawing import OverlayStyle
from fer_core.live import LiveSettings
from fer_core.tracking import HALF_LIFE_S, TrackingConfig
from pages.live.connection import Overlay

_STYLES: dict[OverlayStyle, str] = {"full": "Boxes and bars", "boxes": "Boxes", "none": "Nothing"}


def pick_live_settings(threshold: float) -> tuple[LiveSettings, Overlay]:
    """Shows the pickers in a popover and returns the settings."""
    with st.popover("Video settings", icon=":material/tune:"):
        half_life_s = st.slider(
            "Smoothing half-life",
            0.0,
            2.0,
            HALF_LIFE_S,
            0.05,
            format="%.2f s",
            key="live_smoothing",
            bind="query-params",
            help="Time after which past predictions have half their weight. 0: no smoothing.",
        )
        detect_every = st.slider(
            "Detect faces on every n-th frame",
            1,
            6,
            LiveSettings.detect_every,
            key="live_detect_every",
            bind="query-params",
            help="Faces are tracked in between. A slow machine detects less often automatically.",
        )
        style = st.segmented_control(
            "Overlay",
            get_args(OverlayStyle),
            format_func=_STYLES.__getitem__,
            default="full",
            required=True,
            key="live_style",
            bind="query-params",
        )
        mirror = st.toggle("Mirror", True, key="live_mirror", bind="query-params")
    follow = TrackingConfig(threshold=threshold, half_life_s=half_life_s)
    return LiveSettings(follow=follow, detect_every=detect_every), Overlay(style, mirror)
