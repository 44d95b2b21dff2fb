"""Predictions from elsewhere, uploaded as a file and compared with the saved models."""

from __future__ import annotations

from typing import Final

import streamlit as st

from fer_core.benchmark import (
    PhotoEvaluation,
    known_splits,
    side_by_side,
    split_evaluation,
    split_rows,
)
from fer_core.benchmark.importing import MAX_BYTES, TableFile, import_predictions
from fer_core.errors import ClassesNotConfirmed
from fer_core.labels import split_title
from fer_core.recognition import FileInMemory
from fer_core.zoo import ModelStore
from pages.session import upload_file
from pages.widgets import as_markdown, short_name

TYPES: Final = ("csv", "parquet", "npz")
OWN_LABELS: Final = "own"
_ACCEPTED: Final = "evaluate_accepted"
_MAX_MB: Final = MAX_BYTES // 2**20


def choose_predictions() -> PhotoEvaluation | None:
    """Shows the uploader of predictions; returns them beside the saved models, or None."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.selectbox(
            "The ids are",
            [*known_splits(ModelStore.default()), OWN_LABELS],
            format_func=lambda each: (
                "my own, and the file has a column label"
                if each == OWN_LABELS
                else f"rows of {split_title(each)}"
            ),
            key="evaluate_split",
            bind="query-params",
        )
    uploaded = upload_file(
        "Predictions",
        TYPES,
        key="evaluate_predictions",
        max_mb=_MAX_MB,
        help="CSV, Parquet or NPZ with an id and a probability per class.",
    )
    if uploaded is None:
        st.info(
            "One row per photo: `id`, and `p_angry`, `p_happy`, … that sum to 1. A saved file "
            "can be compared again with `python -m fer_core import-predictions`.",
            title="No predictions yet",
            icon=":material/table_view:",
        )
        return None
    accepts = st.session_state.get(_ACCEPTED) == uploaded.key
    try:
        return _compared(uploaded.key, split, accepts, uploaded)
    except ClassesNotConfirmed as error:
        _ask_for_confirmation(error, uploaded.key)
        return None


@st.cache_resource(scope="session", max_entries=2, show_spinner="Reading the predictions…")
def _compared(key: str, split: str, accepts: bool, _file: FileInMemory) -> PhotoEvaluation:
    store = ModelStore.default()
    truth = None if split == OWN_LABELS else split_rows(store, split)
    evaluation = import_predictions(
        TableFile(_file.name, _file.data),
        name="uploaded",
        title=short_name(_file.name),
        truth=truth,
        accept_classes=accepts,
    )
    return evaluation if truth is None else side_by_side(evaluation, split_evaluation(store, split))


def _ask_for_confirmation(error: ClassesNotConfirmed, file_id: str) -> None:
    st.warning(as_markdown(str(error)), title="Are the classes right?", icon=":material/help:")
    table = {"In the file": list(error.read_as), "Read as": list(error.read_as.values())}
    if error.seems:
        table["Seems to be"] = [error.seems.get(each, "") for each in error.read_as]
    st.dataframe(table, hide_index=True, alt="How each class is read")
    st.button(
        "They are right",
        key="evaluate_classes_right",
        icon=":material/check:",
        on_click=_accept,
        args=(file_id,),
    )


def _accept(file_id: str) -> None:
    st.session_state[_ACCEPTED] = file_id
