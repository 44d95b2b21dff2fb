"""Lists of photos with their labels and predictions, and the pictures where they are at hand."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.benchmark import PhotoEvaluation, photos_frame
from fer_core.benchmark.photos import LabeledPhotos, thumbnail
from fer_core.errors import InputRejected
from pages.widgets import column_titles, download_csv, section

MOST_LISTED: Final = 120
MOST_SHOWN: Final = 24
_SIDE_PX: Final = 96


@section
def list_photos(
    evaluation: PhotoEvaluation,
    rows: NDArray[np.int64],
    pictures: LabeledPhotos | None,
    *,
    key: str,
) -> None:
    """Lists photos of an evaluation.

    Args:
        evaluation: the evaluation.
        rows: their positions.
        pictures: the photos, if they are in memory.
        key: prefix of the widgets' keys.
    """
    count = f"{len(rows):,} {'photo' if len(rows) == 1 else 'photos'}"
    limit = f", of which the first {MOST_LISTED} are listed" if len(rows) > MOST_LISTED else ""
    st.markdown(f"**{count}**{limit}.")
    rows = rows[:MOST_LISTED]
    if not len(rows):
        return
    if pictures is not None:
        _show_pictures(evaluation, rows[:MOST_SHOWN], pictures)
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


def _show_pictures(
    evaluation: PhotoEvaluation, rows: NDArray[np.int64], pictures: LabeledPhotos
) -> None:
    labels = evaluation.photos.labels
    with st.container(horizontal=True, gap="small"):
        for row in rows:
            name, label = evaluation.photos.id[row], labels[evaluation.photos.label[row]]
            picture = _thumbnail(name, pictures)
            if picture is not None:
                st.image(picture, width=_SIDE_PX, caption=label, alt=f"Photo labeled {label}")


@st.cache_resource(scope="session", max_entries=256, show_spinner=False)
def _thumbnail(name: str, _pictures: LabeledPhotos) -> NDArray[np.uint8] | None:
    try:
        return thumbnail(_pictures.read(name), _SIDE_PX)
    except InputRejected:
        return None  # its reason is in the table


def say_no_face() -> None:
    """Says that there is no prediction."""
    st.info(
        "No face was found in any photo, so there is no prediction to show.",
        title="No predictions",
        icon=":material/face_retouching_off:",
    )
