"""Lists of photos with their labels and predictions, and the pictures where they are at hand."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.benchmark import PhotoEvaluation, photos_frame
from pages.widgets import column_titles, download_csv, section

MOST_LISTED = 120


@section
def list_photos(evaluation: PhotoEvaluation, rows: NDArray[np.int64], *, key: str) -> None:
    """Lists photos of an evaluation.

    Args:
        evaluation: the evaluation.
        rows: their positions.
        key: prefix of the widgets' keys.
    """
    count = f"{len(rows):,} {'photo' if len(rows) == 1 else 'photos'}"
    limit = f", of which the first {MOST_LISTED} are listed" if len(rows) > MOST_LISTED else ""
    st.markdown(f"**{count}**{limit}.")
    rows = rows[:MOST_LISTED]
    if not len(rows):
        return
    table = photos_frame(evaluation, rows)
    titles = {name: entry.title for name, entry in evaluation.entries.items()}
    titles |= {f"{name}_confidence": f"{title} (confidence)" for name, title in titles.items()}
    st.dataframe(
        table,
        hide_index=True,
        column_config=column_titles(table, titles),
        alt="Photos with their labels and every model's prediction",
        key=f"{key}_photos",
    )
    download_csv(table, key=f"{key}_csv", file_name="photos.csv")


def say_no_face() -> None:
    """Says that there is no prediction."""
    st.info(
        "No face was found in any photo, so there is no prediction to show.",
        title="No predictions",
        icon=":material/face_retouching_off:",
    )
