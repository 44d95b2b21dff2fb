"""The picker of a split."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from fer_core.labels import split_title
from pages.links import take_other_names


def pick_split(
    key: str,
    splits: Iterable[str],
    *,
    first: str,
    label: str = "Split",
    help: str | None = None,
) -> str:
    """Shows the picker of a split.

    Args:
        key: of the widget, and of its value in the link.
        splits: the choices, in this order.
        first: the default.
        label: of the picker.
        help: the tooltip.
    """
    names = list(splits)
    take_other_names(key, {name: split_title(name) for name in names})
    return st.selectbox(
        label,
        names,
        index=names.index(first),
        format_func=split_title,
        key=key,
        bind="query-params",
        help=help,
    )
