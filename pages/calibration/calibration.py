"""How far a stated probability can be believed, and below which the app had better not answer."""

import streamlit as st

from fer_core.evaluation.trust import class_reliability, reliability
from fer_core.plots import reliability_figure
from fer_core.reports import calibration_sentence
from pages.calibration.threshold_panel import show_threshold
from pages.pickers import pick_model, pick_split
from pages.shared import (
    calibrated_of,
    calibration_of,
    classwise_of,
    predictions_of,
    say_what_a_row_is,
    scored_models,
)
from pages.widgets import one_table, show_figure, show_table

ANSWERS = "top label"


st.title("Calibration & threshold")
st.markdown(
    "When the model says 80 %, is it right in 80 % of such cases? And below which probability had "
    "it better say **uncertain**?"
)

cards = scored_models()
with st.container(horizontal=True, vertical_alignment="bottom"):
    card = pick_model("calibration_model", cards)
    splits = predictions_of(card)
    split = pick_split(
        "calibration_split",
        splits,
        first=card.protocol.report_split,
        help="The temperature was fitted on the selection split, so only another one is a fair "
        "test of it.",
    )
    view = st.selectbox(
        "Probabilities of", [ANSWERS, *card.labels], key="calibration_view", bind="query-params"
    )

say_what_a_row_is(split)
label = splits[split].label
plain, calibrated = splits[split].probabilities, calibrated_of(card)[split]
effect = calibration_of(card, split)
has_temperature = card.temperature is not None
st.dataframe(
    effect.to_frame(has_temperature=has_temperature),
    hide_index=True,
    column_config={
        "probabilities": st.column_config.TextColumn("Probabilities", pinned=True),
        "ece": st.column_config.TextColumn(
            "ECE",
            help="Expected calibration error: the mean gap between confidence and accuracy over 15 "
            "bins of equally many faces, less its estimated bias. Noise floor: what a calibrated "
            "model would show on as many faces. p: how often it would show this much or more.",
        ),
        "mce": st.column_config.NumberColumn(
            "MCE",
            format="percent",
            help="The largest gap of a bin. A calibrated model has one as well.",
        ),
        "brier": st.column_config.TextColumn(
            "Brier", help="Mean squared distance of the probabilities from the truth, 0 to 2."
        ),
        "nll": st.column_config.TextColumn(
            "NLL", help="Mean negative log-likelihood of the true label, in nats."
        ),
    },
    alt=f"Calibration scores of {card.title} on {split}"
    + (" before and after its temperature" if has_temperature else ""),
)
st.caption(
    f"{calibration_sentence(card)} In brackets after Brier and NLL: 95% intervals."
    if not has_temperature
    else f"{calibration_sentence(card)} A temperature above 1 makes a model less confident, below "
    "1 more confident, and so does taking smoothing out; which label comes first does not change. "
    "In brackets after Brier and NLL: 95% intervals."
)

before, after = classwise_of(card, split)
if view == ANSWERS:
    titles = ("Confidence", "Accuracy")
    found = [reliability(each, label) for each in (plain, calibrated)]
    errors = [effect.before.ece, effect.after.ece]
else:
    titles = (f"Probability of {view}", f"Share labeled {view}")
    index = card.labels.index(view)
    found = [class_reliability(each, label, index) for each in (plain, calibrated)]
    errors = [each.error[index] for each in (before, after)]
names, keys = ["Before temperature", "After temperature, as the app answers"], ["before", "after"]
if not has_temperature:  # both are the same
    found, errors, names, keys = found[1:], errors[1:], ["As the app answers"], keys[1:]
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
            alt=f"Reliability diagram of {card.title} on {split}, {name.lower()}; every bin "
            "stands in the table below",
        )
show_table(
    lambda: one_table(
        {name: each.to_frame() for name, each in zip(names, found, strict=True)}, "probabilities"
    ),
    key="calibration_bins",
    alt="Every bin of what is drawn above",
)
st.caption(
    "Points below the dashed line: overconfident. Above it: underconfident. The bins are of equal "
    "width, and those with few rows say little."
)

mean_after = f"**{after.mean_error:.1%}** (noise floor {after.mean_noise_floor:.1%})"
st.markdown(
    "Classwise ECE, the mean over the expressions, each for itself: "
    + (
        f"**{before.mean_error:.1%}** (noise floor {before.mean_noise_floor:.1%}) before and "
        f"{mean_after} after temperature."
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
    alt="Calibration of each expression"
    + (" before and after temperature" if has_temperature else ""),
    label="Each expression for itself",
)

show_threshold(card)
