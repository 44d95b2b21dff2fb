"""Average faces, which show no real person: of a label, and of a cell of a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import MIN_FACES, average_of_cell
from fer_core.faces import enlarge, load_samples


def show_averages(labels: Sequence[str]) -> None:
    """Shows the average training face of each of these labels, if available."""
    averages = load_samples()
    with st.container(horizontal=True):
        for label in dict.fromkeys(labels):
            if label in averages:
                _show(
                    averages[label],
                    f"average {label}",
                    f"The average {label} face of the training data",
                )


def show_cell_average(predictions: SplitPredictions, true: str, predicted: str) -> None:
    """Shows the average face of a cell, if available, and those of its two labels.

    Args:
        predictions: of the model of the plain confusion matrix, with averages.
        true: name of the true class.
        predicted: name of the predicted class.
    """
    average = average_of_cell(predictions, true=true, predicted=predicted)
    with st.container(horizontal=True):
        if average is not None:
            _show(
                enlarge(average),
                f"average {true} predicted as {predicted}",
                f"The average of the faces labeled {true} and predicted as {predicted}",
            )
        show_averages((true, predicted))
    st.caption(
        f"A cell with fewer than {MIN_FACES} faces has no average face: it could resemble a "
        "real person's photo."
        if average is None
        else "First the average of these faces, then those of the two labels' training faces."
    )


def _show(face: NDArray[np.uint8], caption: str, alt: str) -> None:
    st.image(face, width=100, caption=caption, alt=alt)
