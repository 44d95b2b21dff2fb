"""A figure, its table and its download, always together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from fer_core.files import spreadsheet_safe
from pages.widgets.column_titles import column_titles, with_titles

_PLOTLY_CONFIG = {"displaylogo": False, "responsive": True}


def show_figure(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draws a figure without selections."""
    st.plotly_chart(figure, key=key, alt=alt, config={**_PLOTLY_CONFIG, "displayModeBar": False})


@st.fragment
def show_table(
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    *,
    key: str,
    alt: str,
    label: str = "Show as table",
    titles: Mapping[Any, str] | None = None,
) -> None:
    """Offers the numbers of a figure as a table and as a CSV file, computed on demand.

    Args:
        table: the numbers, or a function that computes them when the table is opened.
        key: prefix of the widgets' keys.
        alt: what the table contains.
        label: of the expander.
        titles: of models, splits and the like, by their names; the file keeps the names.
    """
    expander = st.expander(
        label, icon=":material/table_chart:", key=f"{key}_show", on_change="rerun"
    )
    if expander.open:
        with expander:
            frame = table() if callable(table) else table
            st.dataframe(
                with_titles(frame, titles),
                hide_index=True,
                placeholder="",
                alt=alt,
                key=f"{key}_table",
                column_config=column_titles(frame, titles),
            )
            download_csv(frame, key=f"{key}_csv", file_name=f"{key}.csv")


def one_table(frames: Mapping[Any, pd.DataFrame], *names: str) -> pd.DataFrame:
    """Concatenates tables; the first columns contain the name of each row's table.

    Args:
        frames: at least one table by its name, or by a tuple of names.
        names: of those columns.
    """
    stacked: pd.DataFrame = pd.concat(frames, names=[*names, None])
    return stacked.reset_index(list(names)).reset_index(drop=True)


def download_csv(
    frame: pd.DataFrame, *, key: str, file_name: str, label: str = "Download CSV"
) -> None:
    """Offers a table as a CSV file, as the command line writes it."""
    st.download_button(
        label,
        _csv(frame),
        file_name,
        "text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


@st.cache_data(scope="session", max_entries=32, show_spinner=False)
def _csv(frame: pd.DataFrame) -> str:
    """Cached, so that a rerun of the page does not repeat it."""
    if "file" in frame:  # a spreadsheet must not interpret a file name as a formula
        frame = frame.assign(file=frame["file"].map(spreadsheet_safe))
    return str(frame.to_csv(index=False, lineterminator="\n"))
