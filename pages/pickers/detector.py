"""The face detector of a page. A detector keeps state while it works: each session has its own."""

from __future__ import annotations

import streamlit as st

from fer_core.faces import DETECTORS, PHOTO_SIDE, Detector, create_detector

BEST_DETECTOR = DETECTORS[0]
DETECTOR_TITLES = {"yunet": "YuNet", "haar": "Haar cascade"}


def pick_detector(key: str) -> str:
    """Shows a picker, bound to the URL, and returns the detector's name."""
    return st.selectbox(
        "Face detector",
        DETECTORS,
        format_func=DETECTOR_TITLES.__getitem__,
        key=key,
        bind="query-params",
        help="YuNet finds more faces. The Haar cascade is always available.",
    )


def new_detector(name: str, *, longest_side: int) -> Detector:
    """Creates a detector; falls back to Haar where YuNet's file is not available."""
    # `create_detector` falls back to another detector only when no name is given.
    return create_detector(None if name == BEST_DETECTOR else name, longest_side=longest_side)


@st.cache_resource(scope="session", max_entries=4, show_spinner="Preparing the face detector…")
def photo_detector(name: str = BEST_DETECTOR) -> Detector:
    """Returns this session's detector for photos."""
    return new_detector(name, longest_side=PHOTO_SIDE)


def show_notice(detector: Detector) -> None:
    """Shows one line if this detector is a fallback for a better one."""
    if detector.notice:
        st.caption(f":material/info: {detector.notice}")
