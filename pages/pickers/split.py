"""The picker of a split."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st


def pick_split(key: str, splits: Iterable[str], *, first: str, help: str | None = None) -> str:
    """Shows the picker of a split.

    Args:
        key: of the widget, and of its value in the link.
        splits: what there is to choose from, in this order.
        first: the one that is chosen at first.
        help: one line on what the choice means.
    """
    names = list(splits)
    return st.selectbox(
        "Split", names, index=names.index(first), key=key, bind="query-params", help=help
    )
