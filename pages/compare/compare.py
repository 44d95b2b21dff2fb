"""Every saved model on one face, side by side; below, the models on a whole split."""

from collections.abc import Sequence

import streamlit as st

from fer_core.evaluation.comparison import Agreement, ModelPrediction
from fer_core.explain import Method
from fer_core.reports import probability_bars
from fer_core.zoo import ImportedCard, ModelCard, RunnableCard
from pages.compare.accuracy_vs_cost import show_costs
from pages.compare.leaderboard import (
    leaderboard,
    pick_split_and_protocol,
    show_leaderboard,
)
from pages.compare.significance import show_differences
from pages.pickers import predictions_for, runnable_models
from pages.shared import (
    MEANINGS,
    METHODS,
    latency_of,
    offer_latency,
    offer_report,
    pick_face,
    scored,
    show_action_units,
    show_conditions,
    show_map,
    show_outside,
    show_row_note,
)
from pages.widgets import section, show_table

CARDS_PER_ROW = 3


@section
def show_one_face(cards: Sequence[RunnableCard]) -> None:
    """Shows the prediction of every model for one face."""
    face = pick_face("compare")
    if face is None:
        return

    predictions = []
    action_units = []
    for card in cards:
        found = predictions_for(card, face)
        predictions.append(ModelPrediction(card.title, card.labels, found.probabilities[0]))
        action_units.append(dict(zip(card.action_units, found.action_units[0], strict=True)))
    single = [
        predicted for card, predicted in zip(cards, predictions, strict=True) if not card.members
    ]
    agreement = Agreement(tuple(single))
    label, votes = agreement.majority

    picture, summary = st.columns([1, 3], vertical_alignment="center")
    picture.image(face, width=180, alt="The face, as cropped for the models")
    with summary.container(horizontal=True):
        st.metric("Majority vote", label, border=True)
        st.metric(
            "Votes",
            f"{votes} of {len(single)}",
            border=True,
        )
        st.metric("Mean prediction", agreement.mean.label, border=True)
        st.metric(
            "Disagreement",
            f"{agreement.disagreement:.2f}",
            border=True,
            help="Jensen-Shannon divergence of the models' probabilities: 0 when all are the same, "
            "1 when each model is certain of another label.",
        )

    if len(single) < len(cards):
        st.caption("Ensembles are not counted, because their members are.")
    method = pick_method()
    for index, (card, predicted) in enumerate(zip(cards, predictions, strict=True)):
        if index % CARDS_PER_ROW == 0:
            columns = st.columns(min(len(predictions), CARDS_PER_ROW))
        with columns[index % CARDS_PER_ROW].container(border=True, height="stretch"):
            (best, first), (next_best, second) = predicted.top(2)
            st.markdown(
                f"**{predicted.model}**: **{best}** {first:.0%}, then {next_best} {second:.0%}"
            )
            st.html(
                probability_bars(predicted.probabilities, predicted.labels, caption=predicted.model)
            )
            if method is not None:
                show_map(face, card, predicted.label, method=method)
            show_action_units(
                action_units[index], name=predicted.model, key=f"compare_units_{card.name}"
            )
            if latency := latency_of(card):
                st.caption(
                    f"Latency on this machine: p50 {latency.p50_ms:.1f} ms, "
                    f"p95 {latency.p95_ms:.1f} ms"
                )
    if method is not None:
        st.caption(MEANINGS[method])
    show_table(
        Agreement(tuple(predictions)).to_frame,
        key="compare_predictions",
        alt="Each model's probabilities",
    )


def pick_method() -> Method | None:
    """Offers to explain every prediction; None when that is off."""
    with st.container(horizontal=True, vertical_alignment="center"):
        why = st.toggle(
            "Explain",
            key="compare_why",
            bind="query-params",
            help="Shows which parts of the face each prediction depends on.",
        )
        if not why:
            return None
        return st.segmented_control(
            "Method",
            list(METHODS),
            default="grad_cam",
            required=True,
            format_func=METHODS.__getitem__,
            key="compare_method",
            bind="query-params",
            label_visibility="collapsed",
        )


@section
def show_split(cards: Sequence[ModelCard]) -> None:
    """Shows the scores of the models on a whole split."""
    st.header("Leaderboard")
    cards = scored(cards)
    if not cards:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split, protocol = pick_split_and_protocol(cards)
    show_row_note(split)
    board = leaderboard(cards, split, protocol)
    show_leaderboard(board, picker="compare_model")
    show_conditions([candidate.card for candidate in board.candidates])
    offer_latency(cards, key="compare_measure")
    offer_report([candidate.card for candidate in board.candidates], key="compare_report")
    st.subheader("Accuracy vs. cost")
    show_costs(board, picker="compare_model")
    show_differences(board, split, protocol)


def show_imported(cards: Sequence[RunnableCard]) -> None:
    """Names the models that the leaderboard leaves out because they have no scores."""
    if titles := ", ".join(card.title for card in cards if isinstance(card, ImportedCard)):
        st.caption(
            f"Imported, so not scored here: {titles}. `python -m fer_core evaluate PHOTOS` "
            "compares them on your labeled photos."
        )


st.title("Compare models")
st.markdown("The predictions of every saved model for one face, and their scores on a whole split.")

runnable = runnable_models()
cards = [card for card in runnable if not isinstance(card, ImportedCard)]
show_one_face(runnable)
show_split(cards)
show_imported(runnable)
show_outside(cards)
