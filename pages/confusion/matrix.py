"""A matrix whose cells can be selected, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from fer_core.evaluation.comparison import ANY
from pages.widgets import download_csv, with_percents


def show_matrix(figure: go.Figure, pickers: tuple[str, str], *, key: str, alt: str) -> None:
    """Draws a matrix; a click on a cell or a total sets the two pickers.

    Args:
        figure: of `fer_core.plots.confusion`.
        pickers: keys of the pickers of row and column, see `pick_cell`.
        key: of the figure.
        alt: the alternative text.
    """

    def take_clicked_cell() -> None:
        """Selects the clicked cell; a click that deselects it changes nothing."""
        for point in st.session_state[key].selection.points:
            _take(pickers, *point["customdata"][:2])

    st.plotly_chart(
        figure,
        key=key,
        on_select=take_clicked_cell,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )


def show_matrix_table(
    table: pd.DataFrame, pickers: tuple[str, str], *, key: str, alt: str, is_share: bool
) -> None:
    """Offers the matrix as a table, for use with the keyboard, and as a CSV file."""

    def take_table_cell() -> None:
        for row, column in st.session_state[f"{key}_table"].selection.cells:
            if column in table.columns:
                _take(pickers, str(table.index[row]), column)

    plain = st.column_config.NumberColumn(format=None if is_share else "localized")
    with st.expander("Show as table", icon=":material/table_chart:"):
        st.caption("Select a cell with the mouse or the arrow keys.")
        st.dataframe(
            with_percents(table, table.columns) if is_share else table,
            key=f"{key}_table",
            on_select=take_table_cell,
            selection_mode="single-cell",
            column_config={"_index": str(table.index.name).capitalize()}
            | dict.fromkeys(table.columns, plain),
            alt=alt,
        )
        download_csv(table.reset_index(), key=f"{key}_csv", file_name="confusion.csv")


def pick_cell(
    pickers: tuple[str, str], titles: tuple[str, str], labels: Sequence[str]
) -> tuple[str, str]:
    """Shows the pickers of a row and a column, `ANY` by default, and returns their values.

    Args:
        pickers: keys of the two, also their names in the URL.
        titles: of rows and columns.
        labels: of the matrix.
    """
    with st.container(horizontal=True):
        row, column = (
            _pick_label(key, title, labels) for key, title in zip(pickers, titles, strict=True)
        )
    return row, column


def _pick_label(key: str, title: str, labels: Sequence[str]) -> str:
    options = [ANY, *labels]
    chosen = st.session_state.get(key, ANY)
    if chosen not in options:
        # Classes were merged or split since, or another model has other labels.
        parts = chosen.split(" + ")
        st.session_state[key] = next(
            (label for label in labels if set(parts) & set(label.split(" + "))), ANY
        )
    return st.selectbox(title, options, key=key, bind="query-params")


def _take(pickers: tuple[str, str], row: str, column: str) -> None:
    st.session_state[pickers[0]] = row
    st.session_state[pickers[1]] = column
