"""The saved models as a ranked table: accuracy with its interval, size, and speed here."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_core.cards import ModelCard
from fer_core.latency import known_latency


def _ranking_frame(cards: Sequence[ModelCard]) -> pd.DataFrame:
    latencies = [known_latency(card) for card in cards]
    return pd.DataFrame(
        {
            "rank": range(1, len(cards) + 1),
            "model": [card.title for card in cards],
            "accuracy": [card.reported.accuracy.value for card in cards],
            "interval": [
                f"{card.reported.accuracy.low:.1%} to {card.reported.accuracy.high:.1%}"
                for card in cards
            ],
            "macro_f1": [card.reported.macro_f1.value for card in cards],
            "latency_ms": [float("nan") if each is None else each.p50_ms for each in latencies],
            "size_mb": [card.weights.size_bytes / 1e6 for card in cards],
            "parameters": [card.parameters for card in cards],
        }
    )


def show_ranking(cards: Sequence[ModelCard], dataset: str) -> None:
    """Shows the models that are measured on one dataset, the most accurate first.

    The accuracy is the one to report: measured on rows that chose nothing. Where a time was not
    measured yet, its place is empty.
    """
    frame = _ranking_frame(cards)
    column = st.column_config
    st.dataframe(
        frame.assign(accuracy=frame["accuracy"] * 100),
        hide_index=True,
        alt=f"Models measured on {dataset}, by accuracy, with size and time for one face",
        column_config={
            "rank": column.NumberColumn("#", width=40),
            "model": column.TextColumn("Model"),
            "accuracy": column.ProgressColumn("Accuracy", format="%.1f %%", max_value=100.0),
            "interval": column.TextColumn("95 % interval"),
            "macro_f1": column.NumberColumn(
                "Macro-F1",
                format="%.3f",
                help="The mean over the classes, so that rare expressions count as much.",
            ),
            "latency_ms": column.NumberColumn(
                "One face here", format="%.1f ms", help="Half of all calls are faster than this."
            ),
            "size_mb": column.NumberColumn("Size", format="%.1f MB"),
            "parameters": column.NumberColumn("Weights", format="compact"),
        },
    )
