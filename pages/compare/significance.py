"""Paired significance tests of the models, and the rows on which they disagree most."""

from __future__ import annotations

import streamlit as st

from fer_core.evaluation import EvaluationProtocol
from fer_core.evaluation.comparison import AlignedPredictions, compare_all
from fer_core.labels import split_title
from fer_core.zoo import Leaderboard
from pages.shared import aligned_predictions_of, comparable_with, show_rows
from pages.widgets import download_csv, with_percents

DISPUTED_ROWS = 120


def show_differences(board: Leaderboard, split: str, protocol: EvaluationProtocol) -> None:
    """Shows a paired test of each pair of models that are comparable with the best one."""
    cards = [candidate.card for candidate in board.candidates]
    others, reasons = comparable_with(cards[0], cards, split, protocol)
    left_out = "\n".join(f"- **{title}**: {reason}" for title, reason in reasons.items())
    st.subheader("Significance")
    if not others:
        st.info(
            left_out or "Only one model has scores for this choice.",
            title=f"No other model can be compared with {cards[0].title} here",
            icon=":material/compare_arrows:",
        )
        return
    compared = [cards[0], *others]
    aligned = aligned_predictions_of(compared, split, protocol)
    _show_pairs(aligned, {card.name: card.title for card in compared})
    if left_out:
        st.caption(f"Not comparable with {cards[0].title}:\n{left_out}")

    st.subheader("Largest disagreement")
    single = [card for card in compared if not card.members]
    disputing = single if len(single) > 1 else compared
    disputed = aligned_predictions_of(disputing, split, protocol).ordered(
        "disputed", disputing[0].name
    )
    disputed = disputed.take(slice(DISPUTED_ROWS))
    st.markdown(
        f"The {len(disputed)} faces of {split_title(split)} on which these models disagree most: "
        f"{'; '.join(card.title for card in disputing)}."
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
        "difference": column.NumberColumn("Difference"),
        "low": column.NumberColumn("Low", help="95% CI, corrected for the number of pairs"),
        "high": column.NumberColumn("High", help="95% CI, corrected for the number of pairs"),
        "p_value": column.NumberColumn("p", format="%.2g"),
        "p_holm": column.NumberColumn("p (Holm)", format="%.2g"),
        "significant": column.CheckboxColumn("Significant"),
        "only_first_correct": column.NumberColumn("Only first correct"),
        "only_second_correct": column.NumberColumn("Only second correct"),
        "rows": column.NumberColumn("Rows"),
    }
    st.dataframe(
        with_percents(table, ("difference", "low", "high")),
        hide_index=True,
        key="compare_pairs",
        column_order=list(names),
        column_config=names,
        alt="Each pair of models: difference in accuracy, its CI and p-values",
    )
    download_csv(table, key="compare_pairs_csv", file_name="pairs.csv")
    st.caption(
        "Accuracy of the first model minus that of the second on the same rows, with Tango's 95% "
        f"CI (Bonferroni-corrected for {len(table)} pairs). p: McNemar's test (mid-p), "
        "Holm-corrected; significant below 0.05."
    )
