"""The prediction sets of models, beside their top labels."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.benchmark import (
    SetCoverage,
    has_calibration_split,
    set_coverage,
    shipped_evaluations,
)
from fer_core.errors import ModelError
from fer_core.evaluation.reliability import PredictionSets, fit_prediction_sets
from fer_core.reports import either_of
from fer_core.zoo import ImportedCard, ModelCard, RunnableCard
from pages.pickers import BY_FINGERPRINT
from pages.shared import predictions_of

COVERAGE: Final = 0.9
"""Of the sets on pages that do not ask for another."""


@st.cache_resource(max_entries=64, show_spinner="Fitting the sets…", hash_funcs=BY_FINGERPRINT)
def set_coverage_of(card: ModelCard, coverage: float) -> SetCoverage:
    """Returns the prediction sets of a model and their scores at home and outside."""
    return set_coverage(card, predictions_of(card), shipped_evaluations(), coverage)


def set_remarks(card: RunnableCard, probabilities: NDArray[np.float32]) -> list[str] | None:
    """Returns the prediction set of each face as a remark: `With 90% coverage: happy or surprise`.

    Args:
        card: of the model.
        probabilities: `(n, k)`, calibrated as the app shows them.

    Returns:
        None for a model without a validation split of its own.
    """
    sets = _sets_of(card)
    if sets is None:
        return None
    members = sets.of(card.photo_calibration.undo(probabilities))
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return [
        f"With {COVERAGE:.0%} coverage: "
        + either_of([card.labels[index] for index in ranked if row[index]])
        for row, ranked in zip(members, order.tolist(), strict=True)
    ]


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _sets_of(card: RunnableCard) -> PredictionSets | None:
    if isinstance(card, ImportedCard) or not has_calibration_split(card):
        return None
    try:
        return fit_prediction_sets(predictions_of(card)[card.protocol.selection_split], COVERAGE)
    except (ModelError, KeyError, ValueError):  # no or too few predictions are stored
        return None
