"""The three matrices of the Confusion page: one model, the difference and the agreement of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import (
    ANY,
    AlignedPredictions,
    DifferenceUnit,
    compare_accuracy,
    confusion_difference,
    prediction_agreement,
    rows_of_agreement,
    rows_of_cell,
    rows_of_difference,
)
from fer_core.evaluation.scores import Normalization, contingency_table
from fer_core.plots import confusion_figure, difference_figure
from fer_core.zoo import ModelCard
from pages.confusion.matrix import show_matrix, show_matrix_table
from pages.widgets import show_table

NUMBERS: dict[Normalization, str] = {
    "true": "by true label",
    "predicted": "by predicted label",
    "all": "overall",
    "none": "counts",
}
NUMBERS_OF_TWO: dict[Normalization, str] = {
    "true": "by the first model's label",
    "predicted": "by the second model's label",
    "all": "overall",
    "none": "counts",
}
DIFFERENCES: dict[DifferenceUnit, str] = {
    "true": "points by true label",
    "all": "points overall",
    "none": "counts",
}


@dataclass(frozen=True)
class MatrixView:
    """A matrix that the page shows.

    Attributes:
        show: draws it, with the cell of these names of a row and a column outlined.
        pickers: keys of the pickers of row and column.
        sides: what a row and a column are.
        rows: from the names of a row and a column to `(n,)`, which answers lie behind.
        words: from the same names to what those faces are, as Markdown.
        averages: of the model whose plain matrix it is, with the average faces of the cells; None
            where the matrix is another, and where none were made.
    """

    show: Callable[[tuple[str, str]], None]
    pickers: tuple[str, str]
    sides: tuple[str, str]
    rows: Callable[[str, str], NDArray[np.bool_]]
    words: Callable[[str, str], str]
    averages: SplitPredictions | None = None


def one_model(
    aligned: AlignedPredictions, card: ModelCard, split: str, averages: SplitPredictions | None
) -> MatrixView:
    """Returns the confusion matrix of one model; for `averages` see `MatrixView`."""
    pickers = ("confusion_true", "confusion_predicted")

    def show(chosen: tuple[str, str]) -> None:
        normalization = _pick_numbers(NUMBERS)
        matrix = contingency_table(aligned.label, aligned.predicted_by(card.name), aligned.labels)
        _show(
            confusion_figure(matrix, normalization, chosen=chosen),
            matrix.to_frame(normalization),
            pickers,
            key="confusion",
            alt=f"Confusion matrix of {card.title} on {split}: rows are true labels",
            is_share=normalization != "none",
        )

    def words(true: str, predicted: str) -> str:
        covered = "" if predicted == ANY else f" are answered **{predicted}**"
        return f"faces{_labeled(true)}{covered}"

    return MatrixView(
        show,
        pickers,
        ("Labeled", "Answered"),
        lambda true, predicted: rows_of_cell(aligned, card.name, true=true, predicted=predicted),
        words,
        averages,
    )


def difference_of_two(
    aligned: AlignedPredictions, first: ModelCard, second: ModelCard, split: str
) -> MatrixView:
    """Returns the first model's matrix minus the second's, and which cells differ significantly."""
    pickers = ("confusion_true", "confusion_predicted")

    def show(chosen: tuple[str, str]) -> None:
        unit = st.selectbox(
            "Numbers",
            list(DIFFERENCES),
            format_func=DIFFERENCES.__getitem__,
            key="confusion_unit",
            bind="query-params",
        )
        difference = confusion_difference(aligned, first.name, second.name)
        comparison = compare_accuracy(aligned, first.name, second.name)
        with st.container(horizontal=True):
            st.metric(
                "Difference in accuracy",
                f"{comparison.difference * 100:+.1f} points",
                border=True,
                help=f"{first.title} minus {second.title}, with its 95% interval (Tango's score "
                "interval for paired rows).",
                delta=f"{comparison.low * 100:+.1f} to {comparison.high * 100:+.1f}",
                delta_color="off",
                delta_arrow="off",
            )
            st.metric(
                "p-value",
                f"{comparison.p_value:.2g}",
                border=True,
                help="Of McNemar's test (mid-p): how often chance alone would part two equally "
                f"good models so far. {comparison.only_first_correct} faces only {first.title} "
                f"gets right, {comparison.only_second_correct} only {second.title}.",
            )
        alt = f"Confusion matrix of {first.title} minus that of {second.title} on {split}"
        show_matrix(
            difference_figure(difference, unit, models=(first.title, second.title), chosen=chosen),
            pickers,
            key="confusion_difference",
            alt=f"{alt}; the numbers stand in the table below",
        )
        st.caption(
            f"Blue: more often with {first.title}. Orange: more often with {second.title}. On the "
            "diagonal more is better, elsewhere worse. ★: not by chance, at 5 % for all "
            f"{difference.p_holm.size} cells together (McNemar's test, Holm's correction). Totals "
            "count the faces that one of the two alone puts there."
        )
        show_table(difference.to_frame, key="confusion_cells", alt=alt)

    def words(true: str, predicted: str) -> str:
        which = (
            "the two answer differently"
            if predicted == ANY
            else f"only one answers **{predicted}**"
        )
        return f"faces{_labeled(true)} that {which}"

    return MatrixView(
        show,
        pickers,
        ("Labeled", "Answered"),
        lambda true, predicted: rows_of_difference(
            aligned, first.name, second.name, true=true, predicted=predicted
        ),
        words,
    )


def agreement_of_two(
    aligned: AlignedPredictions, first: ModelCard, second: ModelCard, split: str
) -> MatrixView:
    """Returns the answers of one model against those of another."""
    sides = (f"{first.title} says", f"{second.title} says")
    pickers = ("confusion_first", "confusion_second")

    def show(chosen: tuple[str, str]) -> None:
        normalization = _pick_numbers(NUMBERS_OF_TWO)
        agreement = prediction_agreement(aligned, first.name, second.name)
        with st.container(horizontal=True):
            st.metric("Same answer", f"{agreement.agreement:.1%}", border=True)
            st.metric(
                "Cohen's kappa",
                f"{agreement.kappa:.2f}",
                border=True,
                help="Agreement beyond chance: 1 for the same answers, 0 for what chance would "
                "give.",
            )
        _show(
            confusion_figure(agreement.matrix, normalization, sides=sides, chosen=chosen),
            agreement.to_frame(normalization),
            pickers,
            key="confusion_agreement",
            alt=f"Answers of {first.title} in rows against those of {second.title} on {split}",
            is_share=normalization != "none",
        )

    def words(first_predicted: str, second_predicted: str) -> str:
        said = [
            f"{card.title} answers **{predicted}**"
            for card, predicted in ((first, first_predicted), (second, second_predicted))
            if predicted != ANY
        ]
        return "faces" + (f" that {' and '.join(said)}" if said else "")

    return MatrixView(
        show,
        pickers,
        sides,
        lambda first_predicted, second_predicted: rows_of_agreement(
            aligned,
            first.name,
            second.name,
            first_predicted=first_predicted,
            second_predicted=second_predicted,
        ),
        words,
    )


def _pick_numbers(names: dict[Normalization, str]) -> Normalization:
    return st.selectbox(
        "Numbers",
        list(names),
        format_func=names.__getitem__,
        key="confusion_numbers",
        bind="query-params",
    )


def _show(
    figure: go.Figure,
    table: pd.DataFrame,
    pickers: tuple[str, str],
    *,
    key: str,
    alt: str,
    is_share: bool,
) -> None:
    described = f"{alt}. The same numbers stand in a table below"
    show_matrix(figure, pickers, key=f"{key}_matrix", alt=described)
    show_matrix_table(table, pickers, key=key, alt=alt, is_share=is_share)


def _labeled(true: str) -> str:
    return "" if true == ANY else f" labeled **{true}**"
