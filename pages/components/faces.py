"""One face and what a model makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.analysis import UNCERTAIN_BELOW, FaceResult
from fer_core.charts import probability_bars
from pages.components.action_units import show_action_units

FACES_PER_PAGE = 6
FACES_PER_ROW = 3


def pick_threshold(key: str) -> float:
    """Shows the slider below which a result is called uncertain; its value stands in the URL."""
    return st.slider(
        "Uncertain below",
        0.0,
        1.0,
        UNCERTAIN_BELOW,
        0.05,
        format="percent",
        key=key,
        bind="query-params",
        help="A face whose best probability is lower than this gets no label.",
    )


def verdict(number: int, face: FaceResult, threshold: float) -> str:
    """Returns the result for one face in words, as Markdown."""
    if face.is_uncertain(threshold):
        return f"Face {number}: :gray-badge[uncertain] at best {face.label}, {face.confidence:.0%}"
    return f"Face {number}: apparent expression **{face.label}**, {face.confidence:.0%}"


def show_bars(
    probabilities: NDArray[np.float32], labels: Sequence[str], *, name: str, key: str
) -> None:
    """Shows a whole distribution as bars, and in words to people who do not see them."""
    pairs = sorted(zip(labels, probabilities.tolist(), strict=True), key=lambda pair: -pair[1])
    words = ", ".join(f"{label} {probability:.0%}" for label, probability in pairs)
    figure = probability_bars(probabilities, labels)
    # Inside a card the figure needs no margin of its own.
    figure.update_layout(margin={"t": 0, "b": 0}, height=30 * len(labels))
    st.plotly_chart(
        figure,
        key=key,
        config={"displayModeBar": False},
        alt=f"{name}: {words}",
    )


def show_faces(faces: Sequence[FaceResult], *, threshold: float, key: str) -> None:
    """Shows the faces of a photo with their whole distributions, a handful at a time."""
    pages = -(-len(faces) // FACES_PER_PAGE)
    page = st.pagination(pages, key=f"{key}_page") if pages > 1 else 1
    first = (page - 1) * FACES_PER_PAGE
    for index, face in enumerate(faces[first : first + FACES_PER_PAGE]):
        if index % FACES_PER_ROW == 0:
            columns = st.columns(FACES_PER_ROW)
        number = first + index + 1
        with columns[index % FACES_PER_ROW].container(border=True):
            st.markdown(verdict(number, face, threshold))
            picture, bars = st.columns([1, 2], vertical_alignment="center")
            picture.image(face.crop, width=140, alt=f"Face {number}, as cut out for the model")
            with bars:
                name = f"Face {number}"
                show_bars(face.probabilities, face.labels, name=name, key=f"{key}_{number}")
            show_action_units(face.action_units, name=name, key=f"{key}_units_{number}")
