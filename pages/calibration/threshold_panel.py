"""Coverage and selective accuracy by threshold, a recommended one, and its use on other pages."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.evaluation.reliability import (
    THRESHOLD_STEP,
    RiskCoverage,
    SelectiveScores,
    ThresholdSweep,
    risk_coverage,
    selective_scores,
)
from fer_core.labels import split_title
from fer_core.plots import risk_coverage_figure, threshold_figure
from fer_core.recognition import UNCERTAIN_BELOW
from fer_core.zoo import ModelCard
from pages.pickers import (
    BY_FINGERPRINT,
    ChosenThreshold,
    chosen_threshold,
    start_threshold_from_chosen,
    use_threshold,
)
from pages.shared import predictions_of, selection_sweep_of, sweep_of, thresholded_of
from pages.widgets import percent_slider, section, show_figure, show_table, with_percents


@section
def show_threshold(card: ModelCard) -> None:
    """Shows the picker of a threshold for this model, and the scores at that threshold."""
    st.header("Threshold")
    after = "" if card.temperature is None else " after temperature scaling"
    selection, report = card.protocol.selection_split, card.protocol.report_split
    selection_title, report_title = split_title(selection), split_title(report)
    chosen_on = selection_sweep_of(card)
    predictions, calibrated = predictions_of(card)[report], thresholded_of(card)[report]
    every = np.ones(len(predictions), bool)

    def scores_at(threshold: float, rows: NDArray[np.bool_] = every) -> SelectiveScores:
        """Scores at a threshold, on some rows of the report split."""
        subject = None if predictions.subject is None else predictions.subject[rows]
        return selective_scores(
            calibrated[rows], predictions.label[rows], card.labels, threshold, subject=subject
        )

    st.markdown(
        f"The app abstains when the confidence{after} is below the threshold. The recommended "
        f"threshold is chosen on **{selection_title}**; all other numbers are for "
        f"**{report_title}**."
    )
    others = predictions.is_without_duplicate
    if others is not None:
        st.caption(
            "The recommended threshold ignores duplicates of training faces, on which a model is "
            "more often correct than on new faces."
        )
    if selection == report:
        st.caption(
            ":material/info: This model has only one split: the threshold is chosen and evaluated "
            "on the same rows, which is optimistic."
        )
    settings, numbers = st.columns([2, 3], gap="large")
    with settings:
        wanted = percent_slider(
            "Target selective accuracy",
            0.5,
            1.0,
            0.8,
            THRESHOLD_STEP,
            key="calibration_wanted",
        )
        recommended = chosen_on.reaching(wanted)
        if recommended is None:
            best = chosen_on.most_accurate
            st.warning(
                f"No threshold reaches {wanted:.0%} on {selection_title}. The maximum is "
                f"{chosen_on.accuracy[best]:.1%} at a threshold of "
                f"{chosen_on.threshold[best]:.0%}, with a coverage of "
                f"{chosen_on.coverage[best]:.1%}.",
                title="Target not reachable",
                icon=":material/block:",
            )
        else:
            tried = scores_at(recommended)
            tried_others = None if others is None else scores_at(recommended, others)
            outcome = (
                f"coverage {tried.coverage:.1%}, selective accuracy "
                f"{tried.accuracy.percent()}{_without_duplicates(tried_others)}"
                if tried.accuracy
                else "coverage 0.0%"
            )
            st.markdown(
                f"The lowest threshold that reaches {wanted:.0%} on {selection_title} is "
                f"**{recommended:.0%}**. On {report_title}: {outcome}."
            )
            st.button(
                "Use the recommended threshold",
                key="calibration_take",
                icon=":material/recommend:",
                on_click=_take,
                args=(recommended,),
            )
        _show_guaranteed(chosen_on.guaranteeing(wanted), wanted, selection_title)
        in_use = chosen_threshold()
        if in_use is not None and in_use.model == card.name:
            start_threshold_from_chosen("calibration_threshold")
        threshold = percent_slider(
            "Uncertain below",
            0.0,
            1.0,
            UNCERTAIN_BELOW,
            THRESHOLD_STEP,
            key="calibration_threshold",
        )
        st.button(
            "Use on Live webcam and Upload",
            key="calibration_use",
            type="primary",
            icon=":material/check:",
            on_click=use_threshold,
            args=(_chosen(card, chosen_on, threshold, wanted),),
        )
        _show_in_use(card, threshold)

    scores = scores_at(threshold)
    curve = _risk_coverage(card, report)
    with numbers:
        with st.container(horizontal=True):
            st.metric("Coverage", f"{scores.coverage:.1%}", border=True)
            st.metric(
                "Selective accuracy",
                scores.accuracy.percent() if scores.accuracy else "no predictions",
                border=True,
                help="Accuracy on the covered faces, with its 95% CI.",
            )
            st.metric(
                "AURC",
                f"{curve.area:.4f}",
                border=True,
                help="Area under the risk-coverage curve; lower is better. With a perfect ranking "
                f"of the same predictions: {curve.optimal_area:.4f}.",
            )
        number = st.column_config.NumberColumn
        st.dataframe(
            with_percents(scores.to_frame(), ("coverage", "precision", "recall")),
            hide_index=True,
            column_config={
                "label": st.column_config.TextColumn("Expression", pinned=True),
                "rows": number("Faces"),
                "covered": number("Covered"),
                "coverage": number("Coverage"),
                "precision": number("Precision"),
                "recall": number("Recall"),
            },
            alt=f"Precision and recall of each expression at a threshold of {threshold:.0%}",
        )
        st.caption("Precision and recall count only the covered faces.")

    left, right = st.columns(2, gap="large")
    sweep = sweep_of(card, report)
    with left:
        show_figure(
            threshold_figure(sweep, threshold),
            key="calibration_sweep",
            alt=f"Coverage and selective accuracy of {card.title} by threshold; see the table "
            "below",
        )
        show_table(
            sweep.to_frame, key="calibration_thresholds", alt="Coverage and accuracy by threshold"
        )
    with right:
        show_figure(
            risk_coverage_figure(curve, scores),
            key="calibration_risk",
            alt=f"Risk-coverage curve of {card.title}, area {curve.area:.4f}; see the table below",
        )
        show_table(curve.to_frame, key="calibration_risk_coverage", alt="Points of the curve")
    st.caption("Dashed line in the right figure: the risk when faces are covered at random.")


def _show_guaranteed(threshold: float | None, wanted: float, split_title: str) -> None:
    """Shows the threshold whose accuracy holds for new faces too, and offers it."""
    if threshold is None:
        st.caption(
            f"{split_title} is too small to guarantee {wanted:.0%} for new faces with 95% "
            "confidence."
        )
        return
    st.markdown(
        f"From a threshold of **{threshold:.0%}**, {wanted:.0%} holds for new faces like these "
        "too, with 95% confidence (Geifman and El-Yaniv 2017)."
    )
    st.button(
        "Use the guaranteed threshold",
        key="calibration_take_guaranteed",
        icon=":material/verified:",
        on_click=_take,
        args=(threshold,),
    )


def _chosen(
    card: ModelCard, chosen_on: ThresholdSweep, threshold: float, wanted: float
) -> ChosenThreshold:
    """Returns the threshold with its model and the accuracy it reaches on the validation split.

    That is the target if the threshold was recommended for it, else the measured accuracy, rounded
    down to whole percent.
    """
    accuracy: float | None = wanted
    if chosen_on.reaching(wanted) != threshold:
        accuracy = chosen_on.at_least(threshold)
    split = card.protocol.selection_split
    return ChosenThreshold(card.name, card.title, threshold, accuracy, split)


def _show_in_use(card: ModelCard, threshold: float) -> None:
    """Shows the threshold and model in use on the demo pages, with links if it is this one."""
    in_use = chosen_threshold()
    below = UNCERTAIN_BELOW if in_use is None else in_use.threshold
    model = "" if in_use is None else f" with {in_use.title}"
    if below != threshold or (in_use is not None and in_use.model != card.name):
        st.caption(f"Live webcam and Upload currently use {below:.0%}{model}.")
        return
    st.caption(f":material/check_circle: Live webcam and Upload use {below:.0%}{model}.")
    with st.container(horizontal=True):
        for path, key in (("live/live.py", "live"), ("upload/upload.py", "upload")):
            query = {f"{key}_threshold": str(threshold)}
            if in_use is not None:
                query[f"{key}_model"] = in_use.title
            st.page_link(path, query_params=query)


def _without_duplicates(scores: SelectiveScores | None) -> str:
    if scores is None or scores.accuracy is None:
        return ""
    return (
        f"; without duplicates of training faces, {scores.coverage:.1%} and "
        f"{scores.accuracy.percent()}"
    )


def _take(threshold: float) -> None:
    """Sets the slider, and with it the link."""
    st.session_state["calibration_threshold"] = threshold


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_FINGERPRINT)
def _risk_coverage(card: ModelCard, split: str) -> RiskCoverage:
    return risk_coverage(thresholded_of(card)[split], predictions_of(card)[split].label)
