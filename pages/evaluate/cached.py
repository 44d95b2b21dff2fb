"""What an evaluation's views compute, cached: of a visitor's own only for the session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from fer_core.benchmark import (
    EvaluationStore,
    EvaluationSummary,
    PhotoEvaluation,
    SliceReport,
    slice_report,
    summarize,
)
from fer_core.reports.html_report import render_evaluation


def _identity(evaluation: PhotoEvaluation) -> tuple[object, ...]:
    entries = tuple(
        (name, each.checksum, len(each.row), float(each.probabilities.sum()))
        for name, each in evaluation.entries.items()
    )
    return evaluation.name, evaluation.created, len(evaluation.photos), entries


_BY_IDENTITY: Final[dict[str | type[Any], Callable[[Any], Any]]] = {PhotoEvaluation: _identity}
_OF_SESSION: Final = st.cache_resource(
    scope="session", max_entries=32, show_spinner="Computing…", hash_funcs=_BY_IDENTITY
)


@st.cache_resource(max_entries=8, ttl=60, show_spinner="Reading the evaluation…")
def stored_evaluation(folder: str, name: str) -> PhotoEvaluation:
    """Returns a saved evaluation, read again after a minute."""
    return EvaluationStore(Path(folder)).load(name)


@_OF_SESSION
def summary_of(evaluation: PhotoEvaluation) -> EvaluationSummary:
    """Returns the scores of an evaluation."""
    return summarize(evaluation)


@_OF_SESSION
def slices_of(evaluation: PhotoEvaluation, entry: str) -> SliceReport:
    """Returns the slices of one entry."""
    return slice_report(evaluation, entry)


@_OF_SESSION
def report_of(evaluation: PhotoEvaluation) -> str:
    """Returns the report as HTML."""
    return render_evaluation(evaluation)
