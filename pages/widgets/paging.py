"""A list in pages."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st


def pick_page(pages: int, *, key: str, listed: Hashable) -> int:
    """Shows the way to the other pages, if there are any, and returns the chosen one from 1.

    Whoever comes to another list begins with its first page; a link names its own.

    Args:
        pages: how many there are.
        key: of the widget.
        listed: what tells this list from others.
    """
    before = f"{key}_of"
    if st.session_state.get(before, listed) != listed:
        st.session_state[key] = 1
    st.session_state[before] = listed
    if pages < 2:
        return 1
    page: int = st.pagination(pages, key=key, bind="query-params")
    return page
