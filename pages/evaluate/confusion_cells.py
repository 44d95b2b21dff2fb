"""The confusion matrix of an entry, and the photos behind its cells."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fer_core.benchmark import PhotoEvaluation, photos_of_cell
from fer_core.benchmark.photos import LabeledPhotos
from fer_core.evaluation.comparison import ANY
from fer_core.evaluation.scores import confusion_matrix
from fer_core.plots import class_scores_figure, confusion_figure
from pages.evaluate.cached import summary_of
from pages.evaluate.photo_list import list_photos, say_no_face
from pages.widgets import show_figure, show_table


def show_confusion(evaluation: PhotoEvaluation, entry: str, pictures: LabeledPhotos | None) -> None:
    """Shows the confusion matrix of one entry, and the photos of the selected cell."""
    predictions = evaluation.predictions(entry)
    if not len(predictions):
        say_no_face()
        return
    matrix, photos = st.columns(2, gap="large")
    # The pickers first: the matrix outlines the selected cell.
    with photos, st.container(horizontal=True):
        true, predicted = (
            _pick_label(key, title, predictions.labels)
            for key, title in (("evaluate_true", "True"), ("evaluate_predicted", "Predicted"))
        )
    with matrix:
        st.plotly_chart(
            confusion_figure(confusion_matrix(predictions), chosen=(true, predicted)),
            key="evaluate_matrix",
            on_select=_take_clicked_cell,
            selection_mode="points",
            config={"displayModeBar": False},
            alt="Confusion matrix over the faces found; the numbers are in the table below",
        )
        show_table(
            lambda: confusion_matrix(predictions).to_frame().reset_index(),
            key="evaluate_confusion",
            alt="Counts by true and predicted label",
        )
    with photos:
        if true == predicted == ANY:
            st.info(
                "Click a cell or a total of the matrix, or select them here.",
                title="No cell selected",
                icon=":material/ads_click:",
            )
        else:
            list_photos(
                evaluation,
                photos_of_cell(evaluation, entry, true, predicted),
                pictures,
                key="evaluate_cell",
            )
    st.subheader("Scores by expression")
    scores = summary_of(evaluation).entries[entry].all_photos
    show_figure(
        class_scores_figure(scores),
        key="evaluate_classes",
        alt="F1 of each expression over all photos with its 95% CI; numbers in the table below",
    )
    show_table(scores.to_frame, key="evaluate_metrics", alt="Scores of each expression")


def _pick_label(key: str, title: str, labels: Sequence[str]) -> str:
    options = [ANY, *labels]
    if st.session_state.get(key, ANY) not in options:
        st.session_state[key] = ANY
    return st.selectbox(title, options, key=key, bind="query-params")


def _take_clicked_cell() -> None:
    for point in st.session_state["evaluate_matrix"].selection.points:
        st.session_state["evaluate_true"], st.session_state["evaluate_predicted"] = point[
            "customdata"
        ][:2]
