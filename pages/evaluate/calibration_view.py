"""Calibration and threshold of an entry on labeled photos."""

from __future__ import annotations

import streamlit as st

from fer_core.benchmark import PhotoEvaluation
from fer_core.evaluation.reliability import (
    THRESHOLD_STEP,
    reliability,
    selective_scores,
    threshold_sweep,
)
from fer_core.plots import reliability_figure, threshold_figure
from fer_core.recognition import UNCERTAIN_BELOW
from pages.evaluate.cached import summary_of
from pages.evaluate.photo_list import say_no_face
from pages.widgets import percent_slider, show_figure, show_table


def show_calibration(evaluation: PhotoEvaluation, entry: str) -> None:
    """Shows how well calibrated one entry is on these photos, and with a temperature for them."""
    predictions, scores = evaluation.predictions(entry), summary_of(evaluation).entries[entry]
    if scores.calibration is None or scores.found is None or scores.mean_confidence is None:
        say_no_face()
        return
    own = evaluation.entries[entry].calibration
    calibrated, label = own.apply(predictions.probabilities), predictions.label
    found = reliability(calibrated, label)
    with st.container(horizontal=True):
        st.metric("ECE, faces found", f"{scores.calibration.ece.value:.1%}", border=True)
        st.metric("Mean confidence", f"{scores.mean_confidence:.1%}", border=True)
        st.metric("Accuracy, faces found", f"{scores.found.value:.1%}", border=True)
    st.caption(f"ECE {scores.calibration.ece.percent()}.")
    show_figure(
        reliability_figure(found, confidence_title="Confidence", accuracy_title="Accuracy"),
        key="evaluate_reliability",
        alt="Reliability diagram over the faces found; all bins in the table below",
    )
    show_table(found.to_frame, key="evaluate_bins", alt="The bins of the reliability diagram")
    if refitted := scores.refitted:
        st.markdown(
            f"With a temperature fitted on the other half of these photos "
            f"(**{refitted.calibration.temperature:.2f}**), on {refitted.rows:,} photos: ECE "
            f"**{refitted.after.ece.value:.1%}** instead of {refitted.before.ece.value:.1%}."
        )
    st.subheader("Threshold")
    threshold = percent_slider(
        "Threshold",
        0.0,
        1.0,
        UNCERTAIN_BELOW,
        THRESHOLD_STEP,
        key="evaluate_threshold",
        help="Below this confidence the prediction is uncertain.",
    )
    chosen = selective_scores(
        calibrated, label, predictions.labels, threshold, subject=predictions.subject
    )
    sweep = threshold_sweep(calibrated, label)
    with st.container(horizontal=True):
        st.metric("Coverage, faces found", f"{chosen.coverage:.1%}", border=True)
        st.metric(
            "Selective accuracy",
            "–" if chosen.accuracy is None else chosen.accuracy.percent(),
            border=True,
        )
    show_figure(
        threshold_figure(sweep, threshold),
        key="evaluate_thresholds",
        alt="Coverage and selective accuracy by threshold; numbers in the table below",
    )
    show_table(sweep.to_frame, key="evaluate_threshold_numbers", alt="Every threshold")
