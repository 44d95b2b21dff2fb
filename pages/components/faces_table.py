"""Every face of some photos in one table: that of the command line's `batch`."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fer_core.faces import LANDMARKS
from pages.components.figures import download_csv


def show_faces_table(table: pd.DataFrame) -> None:
    """Shows the rows of photos and offers all of their columns as a CSV file.

    Args:
        table: as `RowFormat.to_frame` gives it. Columns without any value are not shown.
    """
    st.subheader("All faces as a table")
    points = [f"{name}_{axis}" for name in LANDMARKS for axis in "xy"]
    pixels = st.column_config.NumberColumn(format="%.0f")
    probability = st.column_config.ProgressColumn(format="percent", max_value=1.0)
    checksum = st.column_config.TextColumn(width="small")
    st.dataframe(
        table,
        hide_index=True,
        alt="One row per face with its box, label and probabilities",
        column_order=[name for name in table.columns if table[name].notna().any()],
        column_config=dict.fromkeys(("x1", "y1", "x2", "y2", *points), pixels)
        | dict.fromkeys(("file_sha256", "model_checksum"), checksum)
        | {
            name: probability
            for name in table.columns
            if name in ("confidence", "detection_score") or name.startswith("p_")
        },
    )
    download_csv(table, key="upload_csv", file_name="faces.csv")
    st.caption(
        "A photo without a face and a file that cannot be used have a row too, which says so. "
        "Boxes are in pixels of the photo. Apparent expression, not what anybody feels; below "
        "the threshold it is called uncertain."
    )
