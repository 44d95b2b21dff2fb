"""What the saved models come with, read once: predictions and scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation import (
    CalibrationError,
    ClassificationMetrics,
    EvaluationProtocol,
    SplitPredictions,
    TemperatureEffect,
)
from fer_core.evaluation.comparison import AlignedPredictions, align_predictions, why_not_comparable
from fer_core.evaluation.scores import (
    CKPLUS_PROTOCOL_IN_WORDS,
    Merge,
    classification_metrics,
    merge_all,
)
from fer_core.evaluation.scores import SPLIT as CKPLUS
from fer_core.evaluation.trust import (
    Calibration,
    ClasswiseCalibration,
    ThresholdSweep,
    classwise_calibration,
    temperature_effect,
    threshold_sweep,
)
from fer_core.recognition import sweep_to_choose_by
from fer_core.zoo import ModelCard, ModelStore, calibration_error_as_served
from pages.pickers import BY_FINGERPRINT, saved_models
from pages.widgets import end_page

PROTOCOLS: dict[EvaluationProtocol, str] = {
    "plain": "none",
    "flip": "flip",
    "crops": "ten-crop",
}


def say_what_a_row_is(split: str) -> None:
    """Says so where a row is no single picture."""
    if split == CKPLUS:
        st.caption(CKPLUS_PROTOCOL_IN_WORDS)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def predictions_of(card: ModelCard) -> dict[str, SplitPredictions]:
    """Returns the model's saved predictions by split."""
    return ModelStore.default().load_predictions(card.name)


def scored(cards: Sequence[ModelCard]) -> tuple[ModelCard, ...]:
    """Returns the models whose predictions can be read, and names the others."""
    found = []
    for card in cards:
        try:
            predictions_of(card)
        except ModelError as error:
            st.warning(
                str(error),
                title=f"{card.title} has no answers to show",
                icon=":material/broken_image:",
            )
        else:
            found.append(card)
    return tuple(found)


def scored_models() -> tuple[ModelCard, ...]:
    """Returns the saved models whose predictions can be read; ends the page without any."""
    cards = scored(saved_models())
    if not cards:
        end_page()
    return cards


def metrics_of(
    card: ModelCard, split: str, protocol: EvaluationProtocol, merged: Sequence[Merge] = ()
) -> ClassificationMetrics:
    """Returns the model's scores on one split: its card's, or else those of its predictions.

    Labels that are `merged` count as one; see `merging.merge_all`.
    """
    stored = None if merged else card.metrics.get(split, {}).get(protocol)
    return stored or _metrics(card, split, protocol, tuple(merged))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def calibration_error_of(
    card: ModelCard, split: str, protocol: EvaluationProtocol
) -> CalibrationError | None:
    """Returns how far the model's confidence, as the app shows it, lies from its accuracy."""
    return calibration_error_as_served(
        predictions_of(card)[split], protocol, card.fitted_calibration
    )


def comparable_with(
    card: ModelCard, cards: Sequence[ModelCard], split: str, protocol: EvaluationProtocol
) -> tuple[list[ModelCard], dict[str, str]]:
    """Returns the other models that answered the same rows with the same labels.

    Returns:
        Those, and by its title why each of the rest is none of them.
    """
    own = predictions_of(card)[split]
    found, reasons = [], {}
    for other in cards:
        if other.name == card.name:
            continue
        theirs = predictions_of(other).get(split)
        if theirs is None:
            reasons[other.title] = f"It did not answer {split}."
        elif protocol not in theirs.protocols:
            reasons[other.title] = f"It has no answers for “{PROTOCOLS[protocol]}”."
        elif reason := why_not_comparable(own, theirs):
            reasons[other.title] = reason
        elif not np.isin(own.row_id, theirs.row_id).all():
            reasons[other.title] = f"It answered only a part of these rows of {split}."
        else:
            found.append(other)
    return found, reasons


def answers_of(
    cards: Sequence[ModelCard],
    split: str,
    protocol: EvaluationProtocol,
    merged: Sequence[Merge] = (),
) -> AlignedPredictions:
    """Returns the answers of comparable models side by side, by their names."""
    return _answers(tuple(cards), split, protocol, tuple(merged))


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def calibrated_of(card: ModelCard) -> dict[str, NDArray[np.float32]]:
    """Returns the model's plain probabilities after its temperature, `(n, k)` by split."""
    return {
        split: card.fitted_calibration.apply(predictions.probabilities)
        for split, predictions in predictions_of(card).items()
    }


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def sweep_of(card: ModelCard, split: str) -> ThresholdSweep:
    """Returns the model's coverage and accuracy on one of its splits at every threshold."""
    return threshold_sweep(calibrated_of(card)[split], predictions_of(card)[split].label)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def sweep_to_choose_by_of(card: ModelCard) -> ThresholdSweep:
    """Returns the same on its validation split, without copies of training faces."""
    return sweep_to_choose_by(predictions_of(card)[card.protocol.selection_split], card)


@st.cache_data(max_entries=64, show_spinner="Computing intervals…", hash_funcs=BY_FINGERPRINT)
def calibration_of(card: ModelCard, split: str) -> TemperatureEffect:
    """Returns what the temperature changes on one split: from its card, or else computed."""
    stored = card.calibration.get(split)
    return stored or temperature_effect(predictions_of(card)[split], card.fitted_calibration)


def classwise_of(card: ModelCard, split: str) -> tuple[ClasswiseCalibration, ClasswiseCalibration]:
    """Returns how well each class is calibrated for itself, before and after the temperature."""
    return _classwise(card, Calibration(), split), _classwise(card, card.fitted_calibration, split)


def _merged(card: ModelCard, split: str, merged: tuple[Merge, ...]) -> SplitPredictions:
    return merge_all(predictions_of(card)[split], merged)


@st.cache_data(max_entries=64, show_spinner="Computing intervals…", hash_funcs=BY_FINGERPRINT)
def _metrics(
    card: ModelCard, split: str, protocol: EvaluationProtocol, merged: tuple[Merge, ...]
) -> ClassificationMetrics:
    return classification_metrics(_merged(card, split, merged), protocol=protocol)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _answers(
    cards: tuple[ModelCard, ...],
    split: str,
    protocol: EvaluationProtocol,
    merged: tuple[Merge, ...],
) -> AlignedPredictions:
    return align_predictions({card.name: _merged(card, split, merged) for card in cards}, protocol)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _classwise(card: ModelCard, calibration: Calibration, split: str) -> ClasswiseCalibration:
    predictions = predictions_of(card)[split]
    probabilities = calibration.apply(predictions.probabilities)
    return classwise_calibration(probabilities, predictions.label, predictions.labels)
