"""Calibration of a model's probabilities, and the threshold below which it abstains."""

import streamlit as st

from fer_core.evaluation.reliability import class_reliability, reliability
from fer_core.labels import split_title
from fer_core.plots import reliability_figure
from fer_core.reports import calibration_sentence
from pages.calibration.sets_panel import show_sets
from pages.calibration.threshold_panel import show_threshold
from pages.pickers import pick_model, pick_split
from pages.shared import (
    calibrated_of,
    calibration_of,
    classwise_of,
    predictions_of,
    scored_models,
    show_row_note,
)
from pages.widgets import one_table, show_figure, show_table, with_percents

TOP_LABEL = "top label"


st.title("Calibration & threshold")
st.markdown(
    "How well the confidence of a model matches its accuracy, and below which confidence the app "
    "reports **uncertain**."
)

cards = scored_models()
with st.container(horizontal=True, vertical_alignment="bottom"):
    card = pick_model("calibration_model", cards)
    splits = predictions_of(card)
    split = pick_split(
        "calibration_split",
        splits,
        first=card.protocol.report_split,
        help="The temperature was fitted on the validation split, so evaluate it on the test "
        "split.",
    )
    view = st.selectbox(
        "Probabilities of", [TOP_LABEL, *card.labels], key="calibration_view", bind="query-params"
    )

show_row_note(split)
label = splits[split].label
plain, calibrated = splits[split].probabilities, calibrated_of(card)[split]
effect = calibration_of(card, split)
has_temperature = card.temperature is not None
st.dataframe(
    with_percents(effect.to_frame(has_temperature=has_temperature), ("mce",)),
    hide_index=True,
    column_config={
        "probabilities": st.column_config.TextColumn("Probabilities", pinned=True),
        "ece": st.column_config.TextColumn(
            "ECE",
            help="Expected calibration error over 15 equal-mass bins, debiased. Noise floor: the "
            "ECE of a perfectly calibrated model on as many faces. p: probability that such a "
            "model shows at least this ECE.",
        ),
        "mce": st.column_config.NumberColumn(
            "MCE",
            help="Maximum calibration error: the largest gap of a bin.",
        ),
        "brier": st.column_config.TextColumn(
            "Brier", help="Brier score: mean squared error of the probabilities, 0 to 2."
        ),
        "nll": st.column_config.TextColumn(
            "NLL", help="Mean negative log-likelihood of the true label, in nats."
        ),
    },
    alt=f"Calibration scores of {card.title} on {split_title(split)}"
    + (" before and after temperature scaling" if has_temperature else ""),
)
st.caption(
    f"{calibration_sentence(card)} In brackets: 95% CIs."
    if not has_temperature
    else f"{calibration_sentence(card)} A temperature above 1 lowers the confidence, one below 1 "
    "raises it; the predicted label does not change. In brackets: 95% CIs."
)

before, after = classwise_of(card, split)
if view == TOP_LABEL:
    titles = ("Confidence", "Accuracy")
    found = [reliability(each, label) for each in (plain, calibrated)]
    errors = [effect.before.ece, effect.after.ece]
else:
    titles = (f"Probability of {view}", f"Share labeled {view}")
    index = card.labels.index(view)
    found = [class_reliability(each, label, index) for each in (plain, calibrated)]
    errors = [each.error[index] for each in (before, after)]
names, keys = ["Before temperature scaling", "After temperature scaling"], ["before", "after"]
if not has_temperature:  # both are the same
    found, errors, names, keys = found[1:], errors[1:], ["As in the app"], keys[1:]
columns = st.columns(2, gap="large")
for column, name, key, each, error in zip(
    columns[: len(names)], names, keys, found, errors, strict=True
):
    with column:
        st.subheader(name)
        st.caption(f"ECE {error.percent()}")
        show_figure(
            reliability_figure(each, confidence_title=titles[0], accuracy_title=titles[1]),
            key=f"calibration_{key}",
            alt=f"Reliability diagram of {card.title} on {split_title(split)}, {name.lower()}; "
            "all bins in the table below",
        )
show_table(
    lambda: one_table(
        {name: each.to_frame() for name, each in zip(names, found, strict=True)}, "probabilities"
    ),
    key="calibration_bins",
    alt="The bins of the reliability diagrams",
)
st.caption(
    "Points below the dashed line: overconfident; above it: underconfident. Equal-width bins; bins "
    "with few rows are noisy."
)

mean_after = f"**{after.mean_error:.1%}** (noise floor {after.mean_noise_floor:.1%})"
st.markdown(
    "Classwise ECE, the mean over the expressions: "
    + (
        f"**{before.mean_error:.1%}** (noise floor {before.mean_noise_floor:.1%}) before and "
        f"{mean_after} after temperature scaling."
        if has_temperature
        else f"{mean_after}."
    )
)
show_table(
    lambda: (
        before.to_frame().merge(
            after.to_frame(), on=["labels", "share"], suffixes=("_before", "_after")
        )
        if has_temperature
        else after.to_frame()
    ),
    key="calibration_classes",
    alt="Classwise calibration error"
    + (" before and after temperature scaling" if has_temperature else ""),
    label="Classwise ECE",
)

show_threshold(card)
show_sets(card)
