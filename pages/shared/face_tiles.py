"""Faces with their predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from fer_core.recognition import UNCERTAIN_BELOW, FaceResult
from fer_core.reports import probability_bars
from pages.pickers import start_threshold_from_chosen
from pages.shared.action_units import show_action_units
from pages.widgets import percent_slider, pick_page

FACES_PER_PAGE = 6
FACES_PER_ROW = 3


def pick_threshold(key: str) -> float:
    """Shows the slider of the threshold below which a result is uncertain, bound to the URL.

    Its default is the threshold chosen on the page Calibration & threshold.
    """
    start_threshold_from_chosen(key)
    return percent_slider(
        "Uncertain below",
        0.0,
        1.0,
        UNCERTAIN_BELOW,
        0.01,
        key=key,
        help="A face with a lower confidence gets no label.",
    )


def verdict(number: int, face: FaceResult, threshold: float) -> str:
    """Returns the prediction for one face as a sentence in Markdown."""
    if face.is_uncertain(threshold):
        return (
            f"Face {number}: :gray-badge[uncertain] top label {face.label}, {face.confidence:.0%}"
        )
    return f"Face {number}: apparent expression **{face.label}**, {face.confidence:.0%}"


def show_faces(
    faces: Sequence[FaceResult],
    *,
    threshold: float,
    key: str,
    explain: Callable[[FaceResult, str], None] | None = None,
    remarks: Sequence[str] | None = None,
) -> None:
    """Shows the faces of a photo with all probabilities, in pages.

    Args:
        faces: of one photo.
        threshold: a face with a lower confidence is uncertain.
        key: of the widgets, unique on the page.
        explain: draws an explanation at the end of a face's card; called with the face and a
            unique key.
        remarks: a sentence on each face, as Markdown, shown below its label.
    """
    pages = -(-len(faces) // FACES_PER_PAGE)
    listed = tuple(face.xyxy for face in faces)
    page = pick_page(pages, key=f"{key}_page", listed=listed)
    first = (page - 1) * FACES_PER_PAGE
    for index, face in enumerate(faces[first : first + FACES_PER_PAGE]):
        if index % FACES_PER_ROW == 0:
            columns = st.columns(FACES_PER_ROW)
        number = first + index + 1
        with columns[index % FACES_PER_ROW].container(border=True):
            st.markdown(verdict(number, face, threshold))
            if remarks is not None:
                st.caption(remarks[number - 1])
            picture, bars = st.columns([1, 2], vertical_alignment="center")
            picture.image(face.crop, width=140, alt=f"Face {number}, as cropped for the model")
            with bars:
                name = f"Face {number}"
                st.html(probability_bars(face.probabilities, face.labels, caption=name))
            show_action_units(face.action_units, name=name, key=f"{key}_units_{number}")
            if explain is not None:
                explain(face, f"{key}_why_{number}")
