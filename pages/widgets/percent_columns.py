"""Tables of fractions, shown as percent with one decimal: 71.6%."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler


def with_percents(frame: pd.DataFrame, names: Iterable[str]) -> Styler:
    """Returns a small table that shows some of its columns as percent.

    Streamlit's own format shows up to two decimals, and with fewer it truncates instead of
    rounding. A `format` in `column_config` would override this one.

    Args:
        frame: a table of fractions; they are still sorted as numbers.
        names: of the columns to show as percent; those that the table lacks are ignored.
    """
    shown: dict[Any, Any] = {name: _percent for name in names if name in frame}
    return frame.style.format(shown, na_rep="")


def percent_bar(label: str | None = None) -> Any:
    """Returns the configuration of a column of bars from 0 to 1.

    Args:
        label: its title; by default its name.
    """
    return st.column_config.ProgressColumn(label, format="percent", max_value=1.0, step=0.001)


def _percent(fraction: Any) -> str:
    return f"{round(fraction, 3) + 0.0:.1%}"  # adding 0 turns -0 into 0
