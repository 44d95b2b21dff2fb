"""All faces of the photos in one table, with the columns of the command `batch`."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fer_core.recognition import BOX, LANDMARK, PREDICTION, names_of
from pages.pickers import DETECTOR_TITLES, model_titles
from pages.widgets import column_titles, download_csv, percent_bar, with_titles


def show_faces_table(table: pd.DataFrame) -> None:
    """Shows the rows of photos, with titles for names, and offers all columns as a CSV file.

    Args:
        table: from `RowFormat.to_frame`. Empty columns are not shown.
    """
    st.subheader("All faces")
    column, titles = st.column_config, column_titles(table)
    st.dataframe(
        with_titles(table, model_titles() | DETECTOR_TITLES),
        hide_index=True,
        placeholder="",
        alt="One row per face with its box, label and probabilities",
        column_order=_predictions_first(table),
        column_config=titles
        | {
            name: column.NumberColumn(titles[name], format="%.0f")
            for name in names_of((*BOX, *LANDMARK))
            if name in titles
        }
        | {
            name: column.TextColumn(titles[name], width="small")
            for name in ("file_sha256", "model_checksum")
            if name in titles
        }
        | {
            name: percent_bar(titles[name])
            for name in titles
            if name in ("confidence", "detection_score") or name.startswith("p_")
        },
    )
    download_csv(table, key="upload_csv", file_name="faces.csv")
    st.caption(
        "Photos without a face and files that failed have a row too. Boxes are in pixels of the "
        "photo. Below the threshold, the prediction is uncertain."
    )


def _predictions_first(table: pd.DataFrame) -> list[str]:
    """Returns the columns that are not empty: predictions first, then positions."""
    first = ["file", "status", "reason", "message", "face_id", *names_of(PREDICTION)]
    first += [name for name in table.columns if name.startswith("p_")]
    ordered = dict.fromkeys([*first, *table.columns])
    return [name for name in ordered if name in table and table[name].notna().any()]
