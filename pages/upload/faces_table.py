"""Every face of some photos in one table: that of the command line's `batch`."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fer_core.files import spreadsheet_safe
from fer_core.recognition import BOX, LANDMARK, PREDICTION, names_of
from pages.widgets import download_csv


def show_faces_table(table: pd.DataFrame) -> None:
    """Shows the rows of photos and offers all of their columns as a CSV file.

    Args:
        table: as `RowFormat.to_frame` gives it. Columns without any value are not shown.
    """
    st.subheader("All faces as a table")
    pixels = st.column_config.NumberColumn(format="%.0f")
    probability = st.column_config.ProgressColumn(format="percent", max_value=1.0)
    checksum = st.column_config.TextColumn(width="small")
    st.dataframe(
        table,
        hide_index=True,
        alt="One row per face with its box, label and probabilities",
        column_order=_answers_first(table),
        column_config=dict.fromkeys(names_of((*BOX, *LANDMARK)), pixels)
        | dict.fromkeys(("file_sha256", "model_checksum"), checksum)
        | {
            name: probability
            for name in table.columns
            if name in ("confidence", "detection_score") or name.startswith("p_")
        },
    )
    # As the command line writes it: a spreadsheet must not take a name for a formula.
    files = table.assign(file=table["file"].map(spreadsheet_safe))
    download_csv(files, key="upload_csv", file_name="faces.csv")
    st.caption(
        "A photo without a face and a file that cannot be used have a row too, which says so. "
        "Boxes are in pixels of the photo. Apparent expression, not what anybody feels; below "
        "the threshold the prediction is uncertain."
    )


def _answers_first(table: pd.DataFrame) -> list[str]:
    """The columns that say anything: what a face shows before where it is."""
    first = ["file", "status", "reason", "message", "face_id", *names_of(PREDICTION)]
    first += [name for name in table.columns if name.startswith("p_")]
    ordered = dict.fromkeys([*first, *table.columns])
    return [name for name in ordered if name in table and table[name].notna().any()]
