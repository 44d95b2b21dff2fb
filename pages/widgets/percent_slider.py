"""A slider over parts of a whole, which shows percent; a link has the plain number."""

from __future__ import annotations

from typing import Final

import streamlit as st

_KEYS: Final = "percent_sliders"


def percent_slider(
    label: str,
    low: float,
    high: float,
    value: float,
    step: float,
    *,
    key: str,
    help: str | None = None,
) -> float:
    """Shows it, and returns the part, `low` to `high`; it stands in the URL.

    Args:
        label: of the slider.
        low: least part.
        high: largest part.
        value: at first.
        step: from one part to the next.
        key: of the widget.
        help: shown on request.
    """
    st.session_state.setdefault(_KEYS, set()).add(key)
    return st.slider(
        label,
        low,
        high,
        value,
        step,
        format="percent",
        key=key,
        bind="query-params",
        help=help,
    )


def is_percent_slider(key: str) -> bool:
    """Whether a widget of this visit is such a slider."""
    return key in st.session_state.get(_KEYS, ())
