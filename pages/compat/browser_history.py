"""Back and forward in the browser lead from view to view.

Streamlit adds an entry to the browser's history for each widget that a script changes, and, when a
page with a query is left, one of that page without it. So after a click on a cell of a matrix, Back
took away its column and then its row, and after a change of the page it led to the page before
without its settings. Here the browser is told to add one entry for what a visitor does, and no
more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

_SCRIPT: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def keep_history_by_view() -> None:
    """Has the browser do so, from when this is drawn until the page is loaded again."""
    st.components.v2.component("fer_history", js=_SCRIPT, isolate_styles=False)(key="history")
