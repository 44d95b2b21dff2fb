"""Makes Back and Forward in the browser navigate between views.

Streamlit adds an entry to the browser's history for each widget that a script changes, and, when a
page with a query is left, an entry of that page without the query. So after a click on a matrix
cell, Back undid its column and then its row, and after opening another page, it led to the previous
page without its settings. Here the browser adds only one entry for each action of the visitor.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

_SCRIPT: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def keep_history_by_view() -> None:
    """Activates this in the browser until the page is reloaded."""
    st.components.v2.component("fer_history", js=_SCRIPT, isolate_styles=False)(key="history")
