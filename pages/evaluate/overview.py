"""The leaderboard of an evaluation, the differences between entries, and its report."""

from __future__ import annotations

from functools import partial

import streamlit as st

from fer_core.benchmark import PhotoEvaluation
from fer_core.reports.html_report import leaderboard_frame, pairs_frame
from pages.evaluate.cached import report_of, summary_of
from pages.widgets import as_markdown, column_titles, download_csv, with_percents


def show_overview(evaluation: PhotoEvaluation) -> None:
    """Shows the leaderboard and the paired differences."""
    summary = summary_of(evaluation)
    st.dataframe(
        leaderboard_frame(summary),
        hide_index=True,
        column_config={
            "entry": st.column_config.TextColumn("Model", pinned=True),
            "accuracy, all photos": st.column_config.TextColumn(
                "Accuracy, all photos", help="A photo without a found face counts as an error."
            ),
            "accuracy, faces found": st.column_config.TextColumn("Accuracy, faces found"),
            "detection rate": st.column_config.TextColumn("Detection rate"),
            "macro F1, all photos": st.column_config.TextColumn("Macro F1, all photos"),
        },
        alt="Scores of every model with 95% CIs",
        key="evaluate_leaderboard",
    )
    download_csv(summary.to_frame(), key="evaluate_leaderboard_csv", file_name="leaderboard.csv")
    for (faces, notes), names in _by_origin(evaluation).items():
        models = as_markdown(", ".join(names))
        st.caption(f"**{models}**: faces {_phrase(faces)}. {as_markdown(' '.join(notes))}")
    if summary.comparisons is None:
        return
    st.subheader("Differences")
    pairs = pairs_frame(evaluation, summary.comparisons)
    titles = column_titles(pairs)
    shares = ("accuracy_first", "accuracy_second", "difference", "low", "high")
    p_values = {
        name: st.column_config.NumberColumn(titles[name], format="%.2g")
        for name in ("p_value", "p_holm")
    }
    st.dataframe(
        with_percents(pairs, shares),
        hide_index=True,
        column_config={**titles, **p_values},
        alt="Each pair of models: difference in accuracy over all photos, its CI and p-values",
        key="evaluate_pairs",
    )
    by_person = evaluation.photos.subject is not None
    st.caption(
        "Accuracy of the first minus that of the second over all photos. "
        + (
            "Intervals: bootstrap over people; p: permutation test over people"
            if by_person
            else "Intervals: Tango's; p: McNemar's test (mid-p)"
        )
        + f". Corrected for {len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}; significant "
        "below 0.05."
    )


def offer_report(evaluation: PhotoEvaluation) -> None:
    """Offers the report of an evaluation, rendered on download."""
    st.download_button(
        "Download report",
        partial(report_of, evaluation),
        f"evaluation-{evaluation.name}.html",
        "text/html",
        key="evaluate_report",
        icon=":material/lab_profile:",
        on_click="ignore",
        help="One HTML file with scores, figures and tables, without pictures. Works offline.",
    )


def _by_origin(evaluation: PhotoEvaluation) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Titles of the entries with the same faces and notes."""
    titles: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for entry in evaluation.entries.values():
        titles.setdefault((entry.faces, entry.notes), []).append(entry.title)
    return titles


def _phrase(faces: str) -> str:
    """In the middle of a sentence: `pre-cropped`, `found by YuNet`."""
    return faces if faces.startswith(("pre-cropped", "found")) else f"found by {faces}"
