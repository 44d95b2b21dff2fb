"""The scores of the saved models on a whole split: a table to sort and to select from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fer_core.evaluation import PROTOCOLS as ALL_PROTOCOLS
from fer_core.evaluation import EvaluationProtocol
from fer_core.zoo import Candidate, Leaderboard, ModelCard
from pages.pickers import pick_split
from pages.shared import PROTOCOLS, calibration_error_of, latency_of, metrics_of, predictions_of
from pages.widgets import download_csv, with_percents

_PERCENTS = (
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "accuracy_without_duplicates",
    "macro_f1",
    "ece",
    "ece_noise_floor",
    "load",
)


def pick_split_and_protocol(cards: Sequence[ModelCard]) -> tuple[str, EvaluationProtocol]:
    """Shows the pickers of a split and of the test-time augmentation, over all models."""
    split = pick_split(
        "compare_split",
        dict.fromkeys(split for card in cards for split in predictions_of(card)),
        first=cards[0].protocol.report_split,
        help="Settings were chosen on the validation split, so compare models on the test split. "
        "A column of the table excludes duplicates of training faces.",
    )
    predictions = [predictions_of(card)[split] for card in cards if split in predictions_of(card)]
    protocol = st.selectbox(
        "Test-time augmentation",
        [name for name in ALL_PROTOCOLS if any(name in each.protocols for each in predictions)],
        format_func=PROTOCOLS.__getitem__,
        key="compare_protocol",
        bind="query-params",
    )
    return split, protocol


def leaderboard(
    cards: Sequence[ModelCard], split: str, protocol: EvaluationProtocol
) -> Leaderboard:
    """Returns the models with scores for this split and augmentation, and names the others."""
    scored = [
        card
        for card in cards
        if split in predictions_of(card) and protocol in predictions_of(card)[split].protocols
    ]
    missing = [card.title for card in cards if card not in scored]
    if missing:
        st.caption(f"No scores for this choice: {'; '.join(missing)}.")
    return Leaderboard.of(
        Candidate(
            card,
            metrics_of(card, split, protocol),
            calibration_error_of(card, split, protocol),
            latency_of(card),
        )
        for card in scored
    )


def show_leaderboard(board: Leaderboard, *, picker: str) -> None:
    """Shows the table; selecting a row selects the model.

    Args:
        board: at least one model.
        picker: key of the picker that takes the chosen model.
    """
    table = board.to_frame()

    def take_row() -> None:
        for row in st.session_state["compare_board"].selection.rows:
            st.session_state[picker] = table["name"].iloc[row]

    column = st.column_config
    shown = [name for name in table.columns if name != "name" and table[name].notna().any()]
    st.dataframe(
        with_percents(table, _PERCENTS + tuple(each for each in shown if each.startswith("f1_"))),
        hide_index=True,
        key="compare_board",
        on_select=take_row,
        selection_mode="single-row",
        column_order=shown,
        column_config={
            "model": column.TextColumn("Model", pinned=True),
            "accuracy": column.NumberColumn("Accuracy"),
            "accuracy_low": column.NumberColumn("Low", help="95% CI"),
            "accuracy_high": column.NumberColumn("High", help="95% CI"),
            "accuracy_without_duplicates": column.NumberColumn(
                "Without duplicates",
                help="Accuracy without the faces that have an exact duplicate in training.",
            ),
            "macro_f1": column.NumberColumn("Macro F1"),
            "ece": column.NumberColumn(
                "ECE",
                help="Expected calibration error after temperature scaling; lower is better. Only "
                "without test-time augmentation, as in the app.",
            ),
            "ece_noise_floor": column.NumberColumn(
                "Noise floor",
                help="The ECE of a perfectly calibrated model on as many faces.",
            ),
            "ece_p_value": column.NumberColumn(
                "p (calibrated)",
                format="%.2g",
                help="Probability that a calibrated model shows at least this ECE. Below 0.05, the "
                "model is miscalibrated.",
            ),
            "parameters": column.NumberColumn("Parameters", format="compact"),
            "macs": column.NumberColumn("MACs", format="compact", help="For one face."),
            "size_mb": column.NumberColumn("File size", format="%.1f MB"),
            "p50_ms": column.NumberColumn(
                "Latency p50", format="%.1f ms", help="Median for one face on this machine."
            ),
            "p95_ms": column.NumberColumn(
                "Latency p95",
                format="%.1f ms",
                help="95th percentile for one face on this machine.",
            ),
            "measured_at": column.DatetimeColumn(
                "Measured", format="YYYY-MM-DD HH:mm", timezone="UTC", help="Time in UTC."
            ),
            "load": column.NumberColumn(
                "Load",
                help="CPU load from other work just before or after.",
            ),
        }
        | {
            name: column.NumberColumn(f"F1 {name.removeprefix('f1_')}")
            for name in table.columns
            if name.startswith("f1_")
        },
        alt="The models with their scores and costs, most accurate first",
    )
    download_csv(table, key="compare_board_csv", file_name="models.csv")
