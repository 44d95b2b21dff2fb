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
from fer_core.labels import split_title
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
        show: draws it and outlines the cell with these names of a row and a column.
        pickers: keys of the pickers of row and column.
        sides: titles of rows and columns.
        rows: from the names of a row and a column to the mask `(n,)` of their predictions.
        words: from the same names to a description of those faces, as Markdown.
        averages: predictions with average faces of the cells; only for the plain matrix of one
            model, and only where average faces exist.
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
            alt=f"Confusion matrix of {card.title} on {split_title(split)}: rows are true labels",
            is_share=normalization != "none",
        )

    def words(true: str, predicted: str) -> str:
        as_predicted = "" if predicted == ANY else f" predicted as **{predicted}**"
        return f"faces{_labeled(true)}{as_predicted}"

    return MatrixView(
        show,
        pickers,
        ("True label", "Predicted label"),
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
                help=f"{first.title} minus {second.title}, with Tango's 95% CI for paired rows.",
                delta=f"[{comparison.low * 100:+.1f}, {comparison.high * 100:+.1f}]",
                delta_color="off",
                delta_arrow="off",
            )
            st.metric(
                "p-value",
                f"{comparison.p_value:.2g}",
                border=True,
                height="stretch",
                help=f"McNemar's test (mid-p). Only {first.title} is correct on "
                f"{comparison.only_first_correct} faces, only {second.title} on "
                f"{comparison.only_second_correct}.",
            )
        alt = f"Confusion matrix of {first.title} minus {second.title} on {split_title(split)}"
        show_matrix(
            difference_figure(difference, unit, models=(first.title, second.title), chosen=chosen),
            pickers,
            key="confusion_difference",
            alt=f"{alt}; numbers in the table below",
        )
        st.caption(
            f"Blue: more often with {first.title}. Orange: more often with {second.title}. On the "
            "diagonal more is better, elsewhere worse. ★: significant at 5% (McNemar's test, "
            f"Holm-corrected for {difference.p_holm.size} cells). Totals count the faces that only "
            "one of the two models predicts there."
        )
        show_table(difference.to_frame, key="confusion_cells", alt=alt)

    def words(true: str, predicted: str) -> str:
        which = (
            "the two predict differently"
            if predicted == ANY
            else f"only one predicts as **{predicted}**"
        )
        return f"faces{_labeled(true)} that {which}"

    return MatrixView(
        show,
        pickers,
        ("True label", "Predicted label"),
        lambda true, predicted: rows_of_difference(
            aligned, first.name, second.name, true=true, predicted=predicted
        ),
        words,
    )


def agreement_of_two(
    aligned: AlignedPredictions, first: ModelCard, second: ModelCard, split: str
) -> MatrixView:
    """Returns the predictions of one model versus those of another."""
    sides = (f"{first.title} predicts", f"{second.title} predicts")
    pickers = ("confusion_first", "confusion_second")

    def show(chosen: tuple[str, str]) -> None:
        normalization = _pick_numbers(NUMBERS_OF_TWO)
        agreement = prediction_agreement(aligned, first.name, second.name)
        with st.container(horizontal=True):
            st.metric("Agreement", f"{agreement.agreement:.1%}", border=True)
            st.metric(
                "Cohen's kappa",
                f"{agreement.kappa:.2f}",
                border=True,
                help="Agreement corrected for chance: 1 for identical predictions, 0 for chance "
                "level.",
            )
        _show(
            confusion_figure(agreement.matrix, normalization, sides=sides, chosen=chosen),
            agreement.to_frame(normalization),
            pickers,
            key="confusion_agreement",
            alt=f"Predictions of {first.title} (rows) vs. {second.title} on {split_title(split)}",
            is_share=normalization != "none",
        )

    def words(first_predicted: str, second_predicted: str) -> str:
        said = [
            f"{card.title} predicts as **{predicted}**"
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
    described = f"{alt}. The same numbers are in the table below"
    show_matrix(figure, pickers, key=f"{key}_matrix", alt=described)
    show_matrix_table(table, pickers, key=key, alt=alt, is_share=is_share)


def _labeled(true: str) -> str:
    return "" if true == ANY else f" labeled **{true}**"
