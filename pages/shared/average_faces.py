"""Average faces, which show nobody: of a label's training faces, and of a cell of a confusion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import FEWEST_FACES, average_of_cell
from fer_core.faces import enlarge, load_samples


def show_averages(labels: Sequence[str]) -> None:
    """Shows the average training face of each of these labels, where there is one."""
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
    """Shows the average face of a cell before those of its labels, or says why there is none.

    Args:
        predictions: of the model whose plain confusion matrix it is; they hold averages.
        true: name of the true class.
        predicted: name of the answered class.
    """
    average = average_of_cell(predictions, true=true, predicted=predicted)
    with st.container(horizontal=True):
        if average is not None:
            _show(
                enlarge(average),
                f"average {true} answered {predicted}",
                f"The average of the faces labeled {true} that are answered {predicted}",
            )
        show_averages((true, predicted))
    st.caption(
        f"A cell of fewer than {FEWEST_FACES} faces has no average face of its own: it would come "
        "close to showing somebody's photo."
        if average is None
        else "First the average of these very faces, then that of each label's training faces."
    )


def _show(face: NDArray[np.uint8], caption: str, alt: str) -> None:
    st.image(face, width=110, caption=caption, alt=alt)
