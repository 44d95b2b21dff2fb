"""A slider over fractions, shown as percent; a link contains the plain number."""

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
    """Shows the slider and returns the fraction, `low` to `high`; it is bound to the URL.

    Args:
        label: of the slider.
        low: smallest fraction.
        high: largest fraction.
        value: the default.
        step: between two fractions.
        key: of the widget.
        help: the tooltip.
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
    """Whether a widget of this session is a percent slider."""
    return key in st.session_state.get(_KEYS, ())
