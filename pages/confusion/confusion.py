"""Confusion matrices of one model or of two compared, down to the single faces."""

import streamlit as st

from fer_core.evaluation.scores import class_merges, merge_all
from pages.confusion.cell_faces import show_faces_behind
from pages.confusion.class_scores import show_class_scores
from pages.confusion.matrix import pick_cell
from pages.confusion.views import agreement_of_two, difference_of_two, one_model
from pages.pickers import pick_model, pick_split
from pages.shared import (
    PROTOCOLS,
    aligned_predictions_of,
    comparable_with,
    metrics_of,
    predictions_of,
    scored_models,
    show_row_note,
)
from pages.widgets import end_page

CLASSES = {
    "all": "all the model knows",
    "seven": "FER2013's seven",
    "three": "CK+'s coarse three",
}
MODES = {
    "one": "One model",
    "difference": "Difference of two",
    "agreement": "Agreement of two",
}

st.title("Confusion")
st.markdown(
    "Which labels a model confuses. **Click a cell**, or the total of a row or column, to see the "
    "faces in it."
)

cards = scored_models()
mode = st.segmented_control(
    "Show",
    list(MODES),
    default="one",
    required=True,
    format_func=MODES.__getitem__,
    key="confusion_mode",
    bind="query-params",
)
first_row = st.container(horizontal=True, vertical_alignment="bottom")
with first_row:
    card = pick_model("confusion_model", cards)
    splits = predictions_of(card)
    split = pick_split(
        "confusion_split",
        splits,
        first=card.protocol.report_split,
        help="Settings were chosen on the validation split, so only the test split gives an "
        "unbiased score.",
    )
with st.container(horizontal=True, vertical_alignment="bottom"):
    protocol = st.selectbox(
        "Test-time augmentation",
        splits[split].protocols,
        format_func=PROTOCOLS.__getitem__,
        key="confusion_protocol",
        bind="query-params",
    )
    others, reasons = comparable_with(card, cards, split, protocol)
    other = None
    if mode != "one" and others:
        role = "Minus" if mode == "difference" else "Versus"
        with first_row:
            other = pick_model("confusion_other", others, label=role)
    coarser = {"all": (), **class_merges(splits[split].labels)}
    classes = "all"
    if len(coarser) > 1:
        classes = st.selectbox(
            "Classes",
            list(coarser),
            format_func=CLASSES.__getitem__,
            key="confusion_classes",
            bind="query-params",
            help="Coarser classes from the literature. FER2013's seven: contempt merged with "
            "neutral. CK+'s three: negative, positive and surprise.",
        )
    merges = coarser[classes]
    labels = merge_all(splits[split], merges).labels
    merged = st.multiselect(
        "Merge classes",
        labels,
        key="confusion_merge",
        bind="query-params",
        max_selections=len(labels) - 1,
        placeholder="Two or more",
        help="Adds the probabilities of two or more labels, such as fear and surprise, and counts "
        "them as one class.",
    )
show_row_note(split)
if len(merged) > 1:
    merges = (*merges, (None, tuple(merged)))
if mode != "one" and other is None:
    st.info(
        "\n".join(f"- **{title}**: {reason}" for title, reason in reasons.items())
        or "It is the only saved model.",
        title=f"No other model can be compared with {card.title} here",
        icon=":material/compare_arrows:",
    )
    end_page()

aligned = aligned_predictions_of([card, *others], split, protocol, merges)
if other is None:
    # Average faces exist only for the cells of the plain matrix.
    is_plain = protocol == "plain" and not merges
    averages = splits[split] if is_plain and splits[split].cell_averages is not None else None
    view = one_model(aligned, card, split, averages)
elif mode == "difference":
    view = difference_of_two(aligned, card, other, split)
else:
    view = agreement_of_two(aligned, card, other, split)
matrix, faces = st.columns(2, gap="large")
with faces:  # first: the matrix outlines the selected cell, which may come from a link
    cell = pick_cell(view.pickers, view.sides, aligned.labels)
with matrix:
    view.show(cell)
with faces:
    show_faces_behind(view, cell, aligned, card, other, others, split)

if mode == "one":
    st.header("Scores by expression")
    show_class_scores(metrics_of(card, split, protocol, merges))
