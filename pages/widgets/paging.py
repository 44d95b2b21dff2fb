"""A list in pages."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st


def pick_page(pages: int, *, key: str, listed: Hashable) -> int:
    """Shows a pagination if there are several pages, and returns the selected page, from 1.

    Another list starts on its first page; a link can select a page.

    Args:
        pages: how many there are.
        key: of the widget.
        listed: identifies the list.
    """
    before = f"{key}_of"
    if st.session_state.get(before, listed) != listed:
        st.session_state[key] = 1
    st.session_state[before] = listed
    if pages < 2:
        return 1
    page: int = st.pagination(pages, key=key, bind="query-params")
    return page
