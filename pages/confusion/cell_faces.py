"""The faces in a cell, row or column of the Confusion page's matrix."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fer_core.evaluation.comparison import ANY, AlignedPredictions, RowOrder
from fer_core.zoo import ModelCard
from pages.confusion.views import MatrixView
from pages.shared import show_averages, show_cell_average, show_rows
from pages.widgets import section

GROUPS = {
    "all": "all",
    "errors": "errors",
    "alone": "errors of this model only",
    "other_alone": "errors of the other model only",
}
ORDERS: dict[RowOrder, str] = {
    "confident": "most confident first",
    "unsure": "least confident first",
    "disputed": "most disagreement first",
}


@section
def show_faces_behind(
    view: MatrixView,
    cell: tuple[str, str],
    aligned: AlignedPredictions,
    card: ModelCard,
    other: ModelCard | None,
    comparable: Sequence[ModelCard],
    split: str,
) -> None:
    """Shows the faces of a cell.

    Args:
        view: the matrix.
        cell: names of the row and the column.
        aligned: predictions of the model and of all comparable models.
        card: the model.
        other: the model that it is compared with, if any.
        comparable: all comparable models.
        split: of the rows.
    """
    row, column = cell
    # An ensemble shares its members' errors, so it says nothing about errors of one model only.
    rivals = [other] if other else [each for each in comparable if not each.members]
    chosen = view.rows(row, column)
    groups = {"all": chosen, "errors": chosen & aligned.is_error(card.name)}
    if rivals:
        names = tuple(each.name for each in rivals)
        groups["alone"] = chosen & aligned.is_only_error(card.name, names)
    if other:
        groups["other_alone"] = chosen & aligned.is_only_error(other.name, (card.name,))
    with st.container(horizontal=True):
        group = st.selectbox(
            "Faces",
            list(groups),
            format_func=GROUPS.__getitem__,
            key="confusion_faces",
            bind="query-params",
            help=f"“Errors of this model only”: {card.title} is incorrect, and these models are "
            f"correct: {'; '.join(each.title for each in rivals) or 'none'}.",
        )
        order = st.selectbox(
            "Order",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            key="confusion_order",
            bind="query-params",
            help="By the confidence of this model, or by the disagreement of all models.",
        )
    if row == column == ANY and group == "all":
        st.info(
            "Click a cell or a total of the matrix, or select them here.",
            title="No cell selected",
            icon=":material/ads_click:",
        )
        return
    found = aligned.take(groups[group]).ordered(order, card.name)
    of = int(view.rows(row, ANY).sum())
    where = "" if group == "all" else f", {GROUPS[group]}"
    st.markdown(f"**{len(found):,} of {of:,}** {view.words(row, column)}{where}.")
    if not len(found):
        return
    placeholder = partial(show_averages, [label for label in cell if label != ANY])
    is_whole_cell = ANY not in cell and len(found) == chosen.sum()
    if view.averages is not None and is_whole_cell:
        placeholder = partial(show_cell_average, view.averages, row, column)
    show_rows(
        found, split, key="confusion", file_name=f"{row}-{column}.csv", placeholder=placeholder
    )
