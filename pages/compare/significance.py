"""Whether models differ by more than chance, and on which rows they disagree most."""

from __future__ import annotations

import streamlit as st

from fer_core.evaluation import EvaluationProtocol
from fer_core.evaluation.comparison import AlignedPredictions, compare_all
from fer_core.zoo import Leaderboard
from pages.shared import answers_of, comparable_with, show_rows
from pages.widgets import download_csv

DISPUTED_ROWS = 120


def show_differences(board: Leaderboard, split: str, protocol: EvaluationProtocol) -> None:
    """Shows every pair of the models that can be compared with the most accurate one."""
    cards = [candidate.card for candidate in board.candidates]
    others, reasons = comparable_with(cards[0], cards, split, protocol)
    left_out = "\n".join(f"- **{title}**: {reason}" for title, reason in reasons.items())
    st.subheader("Could a difference be chance?")
    if not others:
        st.info(
            left_out or "Only one model was scored in this way.",
            title=f"No other model can be compared with {cards[0].title} here",
            icon=":material/compare_arrows:",
        )
        return
    compared = [cards[0], *others]
    aligned = answers_of(compared, split, protocol)
    _show_pairs(aligned, {card.name: card.title for card in compared})
    if left_out:
        st.caption(f"Not comparable with {cards[0].title}:\n{left_out}")

    st.subheader("Where they disagree most")
    single = [card for card in compared if not card.members]
    disputing = single if len(single) > 1 else compared
    disputed = answers_of(disputing, split, protocol).ordered("disputed", disputing[0].name)
    disputed = disputed.take(slice(DISPUTED_ROWS))
    st.markdown(
        f"The {len(disputed)} faces of {split} on which the probabilities of "
        f"{', '.join(card.title for card in disputing)} lie furthest apart."
    )
    show_rows(disputed, split, key="compare_disputed", file_name="disputed.csv")


def _show_pairs(aligned: AlignedPredictions, titles: dict[str, str]) -> None:
    table = compare_all(aligned).to_frame()
    for side in ("first", "second"):
        table[side] = table[side].map(titles)
    column = st.column_config
    names = {
        "first": column.TextColumn("First"),
        "second": column.TextColumn("Second"),
        "difference": column.NumberColumn("Difference", format="percent"),
        "low": column.NumberColumn(
            "from", format="percent", help="95% interval, for all pairs together"
        ),
        "high": column.NumberColumn(
            "to", format="percent", help="95% interval, for all pairs together"
        ),
        "p_value": column.NumberColumn("p", format="%.2g"),
        "p_holm": column.NumberColumn("p (Holm)", format="%.2g"),
        "significant": column.CheckboxColumn("Significant"),
        "only_first_correct": column.NumberColumn("Only first right"),
        "only_second_correct": column.NumberColumn("Only second right"),
        "rows": column.NumberColumn("Rows"),
    }
    st.dataframe(
        table,
        hide_index=True,
        key="compare_pairs",
        column_order=list(names),
        column_config=names,
        alt="Each pair of models: difference in accuracy, its interval and p-values",
    )
    download_csv(table, key="compare_pairs_csv", file_name="pairs.csv")
    st.caption(
        "On the same rows. The difference is the first model's accuracy minus the second's, with a "
        f"95% interval that holds for all {len(table)} pairs together (Tango's score interval, "
        "Bonferroni). p is that of McNemar's test (mid-p), then corrected by Holm for the number "
        "of pairs and called significant below 5%."
    )
