"""Accuracy vs. cost of the models, and the selected model."""

from __future__ import annotations

import streamlit as st

from fer_core.plots import pareto_figure
from fer_core.zoo import COST_TITLES, Cost, Leaderboard
from pages.pickers import pick_model
from pages.widgets import show_table

NAMES: dict[Cost, str] = {
    "size": "Size",
    "macs": "MACs",
    "parameters": "Parameters",
    "latency": "Latency",
}


def show_costs(board: Leaderboard, *, picker: str) -> None:
    """Shows the Pareto plot, in which a click selects a model, and the selected model.

    Args:
        board: at least one model.
        picker: key of the picker of the model.
    """
    cost = st.segmented_control(
        "Accuracy vs.",
        list(NAMES),
        default="size",
        required=True,
        format_func=NAMES.__getitem__,
        key="compare_cost",
        bind="query-params",
    )
    figure, chosen = st.columns([3, 2], gap="large")
    with figure:
        _show_front(board, cost, picker)
    with chosen:
        _show_model(board, picker)


def _show_front(board: Leaderboard, cost: Cost, picker: str) -> None:
    front = board.pareto(cost)
    if front is None:
        st.info(
            "Press **Measure latency** above. Only you see the result, until you leave. For all "
            "visitors, run `python -m fer_core prepare` on the server.",
            title="Latency is not measured yet",
            icon=":material/timer:",
        )
        return

    def take_point() -> None:
        for point in st.session_state["compare_pareto"].selection.points:
            st.session_state[picker] = point["customdata"][0]

    titles = {candidate.card.name: candidate.card.title for candidate in board.candidates}
    on_front = "; ".join(titles[point.model] for point in front.front)
    st.plotly_chart(
        pareto_figure(front, titles=titles, cost_title=COST_TITLES[cost]),
        key="compare_pareto",
        on_select=take_point,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"Accuracy vs. {COST_TITLES[cost]}. On the Pareto front: {on_front}. Numbers in the "
        "table below",
    )
    st.caption(
        "Filled points are on the Pareto front: no other model is as accurate at a lower cost. "
        "Click a point to select the model."
    )
    show_table(
        front.to_frame().rename(columns={"cost": COST_TITLES[cost]}),
        key="compare_front",
        alt=f"Accuracy and {COST_TITLES[cost]} by model",
        titles=titles,
    )


def _show_model(board: Leaderboard, picker: str) -> None:
    card = pick_model(picker, [candidate.card for candidate in board.candidates])
    scores = next(each.scores for each in board.candidates if each.card == card)
    with st.container(border=True):
        st.markdown(f"**{card.title}**. {card.summary}")
        with st.container(horizontal=True):
            st.metric("Accuracy", scores.accuracy.percent())
            st.metric("File size", f"{card.weights.size_bytes / 1e6:.1f} MB")
        st.page_link(
            "confusion/confusion.py",
            label="Confusion matrix",
            icon=":material/grid_on:",
            query_params={"confusion_model": card.title},
        )
        st.page_link(
            "models/models.py",
            label="Model card",
            icon=":material/fact_check:",
            query_params={"models_model": card.title},
        )
