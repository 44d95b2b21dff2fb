"""Predictions and scores of the saved models, cached."""

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
from fer_core.evaluation.comparison import (
    AlignedPredictions,
    align_predictions,
    incomparability_reason,
)
from fer_core.evaluation.reliability import (
    Calibration,
    ClasswiseCalibration,
    ThresholdSweep,
    classwise_calibration,
    temperature_effect,
    threshold_sweep,
)
from fer_core.evaluation.scores import (
    CKPLUS_PROTOCOL_IN_WORDS,
    Merge,
    classification_metrics,
    merge_all,
)
from fer_core.evaluation.scores import SPLIT as CKPLUS
from fer_core.labels import split_title
from fer_core.recognition import selection_sweep
from fer_core.zoo import ModelCard, ModelStore, calibration_error_as_served
from pages.pickers import BY_FINGERPRINT, saved_models
from pages.widgets import end_page

PROTOCOLS: dict[EvaluationProtocol, str] = {
    "plain": "none",
    "flip": "flip",
    "crops": "ten-crop",
}


def show_row_note(split: str) -> None:
    """Explains the rows of a split if they are not single pictures."""
    if split == CKPLUS:
        st.caption(CKPLUS_PROTOCOL_IN_WORDS)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def predictions_of(card: ModelCard) -> dict[str, SplitPredictions]:
    """Returns the model's saved predictions by split."""
    return ModelStore.default().load_predictions(card.name)


def scored(cards: Sequence[ModelCard]) -> tuple[ModelCard, ...]:
    """Returns the models whose predictions can be read, and warns of the others."""
    found = []
    for card in cards:
        try:
            predictions_of(card)
        except ModelError as error:
            st.warning(
                str(error),
                title=f"{card.title} has no predictions to show",
                icon=":material/broken_image:",
            )
        else:
            found.append(card)
    return tuple(found)


def scored_models() -> tuple[ModelCard, ...]:
    """Returns the saved models with readable predictions; ends the page if there are none."""
    cards = scored(saved_models())
    if not cards:
        end_page()
    return cards


def metrics_of(
    card: ModelCard, split: str, protocol: EvaluationProtocol, merged: Sequence[Merge] = ()
) -> ClassificationMetrics:
    """Returns the model's scores on one split, from its card or computed from its predictions.

    The classes in `merged` are merged; see `merge_all`.
    """
    stored = None if merged else card.metrics.get(split, {}).get(protocol)
    return stored or _metrics(card, split, protocol, tuple(merged))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def calibration_error_of(
    card: ModelCard, split: str, protocol: EvaluationProtocol
) -> CalibrationError | None:
    """Returns the ECE of the model's confidence, as the app shows it."""
    return calibration_error_as_served(
        predictions_of(card)[split], protocol, card.fitted_calibration
    )


def comparable_with(
    card: ModelCard, cards: Sequence[ModelCard], split: str, protocol: EvaluationProtocol
) -> tuple[list[ModelCard], dict[str, str]]:
    """Finds the other models with predictions for the same rows with the same labels.

    Returns:
        Those models, and the reason why each other model is not comparable, by its title.
    """
    own = predictions_of(card)[split]
    found, reasons = [], {}
    for other in cards:
        if other.name == card.name:
            continue
        theirs = predictions_of(other).get(split)
        if theirs is None:
            reasons[other.title] = f"It has no predictions for {split_title(split)}."
        elif protocol not in theirs.protocols:
            reasons[other.title] = (
                f"It has no predictions with test-time augmentation “{PROTOCOLS[protocol]}”."
            )
        elif reason := incomparability_reason(own, theirs):
            reasons[other.title] = reason
        elif not np.isin(own.row_id, theirs.row_id).all():
            reasons[other.title] = (
                f"It has predictions for only some of these rows of {split_title(split)}."
            )
        else:
            found.append(other)
    return found, reasons


def aligned_predictions_of(
    cards: Sequence[ModelCard],
    split: str,
    protocol: EvaluationProtocol,
    merged: Sequence[Merge] = (),
) -> AlignedPredictions:
    """Returns the aligned predictions of comparable models, by their names."""
    return _aligned(tuple(cards), split, protocol, tuple(merged))


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def calibrated_of(card: ModelCard) -> dict[str, NDArray[np.float32]]:
    """Returns a model's plain probabilities after temperature scaling, `(n, k)` by split."""
    return {
        split: card.fitted_calibration.apply(predictions.probabilities)
        for split, predictions in predictions_of(card).items()
    }


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def thresholded_of(card: ModelCard) -> dict[str, NDArray[np.float32]]:
    """Returns the same with the temperature of photos, to which thresholds apply."""
    return {
        split: card.photo_calibration.apply(predictions.probabilities)
        for split, predictions in predictions_of(card).items()
    }


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def sweep_of(card: ModelCard, split: str) -> ThresholdSweep:
    """Returns the model's coverage and accuracy on one of its splits at every threshold."""
    return threshold_sweep(thresholded_of(card)[split], predictions_of(card)[split].label)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def selection_sweep_of(card: ModelCard) -> ThresholdSweep:
    """Returns the same on its validation split, without duplicates of training faces."""
    return selection_sweep(predictions_of(card)[card.protocol.selection_split], card)


@st.cache_data(max_entries=64, show_spinner="Computing intervals…", hash_funcs=BY_FINGERPRINT)
def calibration_of(card: ModelCard, split: str) -> TemperatureEffect:
    """Returns the effect of the temperature on one split, from its card or computed."""
    stored = card.calibration.get(split)
    return stored or temperature_effect(predictions_of(card)[split], card.fitted_calibration)


def classwise_of(card: ModelCard, split: str) -> tuple[ClasswiseCalibration, ClasswiseCalibration]:
    """Returns the classwise calibration before and after temperature scaling."""
    return _classwise(card, Calibration(), split), _classwise(card, card.fitted_calibration, split)


def _merged(card: ModelCard, split: str, merged: tuple[Merge, ...]) -> SplitPredictions:
    return merge_all(predictions_of(card)[split], merged)


@st.cache_data(max_entries=64, show_spinner="Computing intervals…", hash_funcs=BY_FINGERPRINT)
def _metrics(
    card: ModelCard, split: str, protocol: EvaluationProtocol, merged: tuple[Merge, ...]
) -> ClassificationMetrics:
    return classification_metrics(_merged(card, split, merged), protocol=protocol)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _aligned(
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
