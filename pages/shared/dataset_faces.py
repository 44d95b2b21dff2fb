"""The faces of rows, from this machine's copy of the dataset, if there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.drawing import over_face
from fer_core.errors import DatasetError, FerError, ModelError
from fer_core.evaluation.comparison import AlignedPredictions
from fer_core.explain import Explanation
from fer_core.fer2013 import DatasetFaces, find_dataset, has_faces, load_dataset_faces
from fer_core.zoo import ModelCard
from pages.pickers import model_titles, saved_models
from pages.shared.explanations import MEANINGS, explanation_of, in_words
from pages.widgets import download_csv, percent_bar, pick_page

FACES_PER_PAGE = 12


def dataset_faces() -> DatasetFaces | None:
    """Returns the test faces; None without a dataset, or, with a warning, an invalid one."""
    source = find_dataset()
    if source is None:
        return None
    found = _load(str(source), source.stat().st_mtime_ns)
    if isinstance(found, DatasetFaces):
        return found
    st.warning(found, title="Cannot read the dataset", icon=":material/broken_image:")
    return None


def may_show_faces() -> bool:
    """Returns whether visitors may see faces of the dataset: unless `FER_SHOW_DATASET_FACES` is 0.

    Raises:
        FerError: the setting is neither 0 nor 1.
    """
    named = os.environ.get("FER_SHOW_DATASET_FACES", "") or "1"
    if named not in ("0", "1"):
        raise FerError(
            "FER_SHOW_DATASET_FACES must be 1 (show faces of the dataset to all visitors) or 0 "
            f"(show them to no one). Received: {named!r}"
        )
    return named == "1"


def faces_to_show() -> DatasetFaces | None:
    """Returns the test faces if visitors may see them; None otherwise, or without a dataset."""
    return dataset_faces() if may_show_faces() else None


def show_rows(
    predictions: AlignedPredictions,
    split: str,
    *,
    key: str,
    file_name: str,
    placeholder: Callable[[], None] | None = None,
) -> None:
    """Shows rows with the prediction of each model: their faces in pages, and all as a table.

    Args:
        predictions: the rows in the order to show them; at least one.
        split: of the rows.
        key: prefix of the widgets' keys.
        file_name: of the CSV file.
        placeholder: draws something in place of the faces where they are not available.
    """
    faces = faces_to_show() if has_faces(split) else None
    if faces is None:
        if placeholder is not None:
            placeholder()
        _show_listing(predictions, key=key, file_name=file_name)
        st.caption(_what_a_row_is(split))
        return
    for note in faces.notes:
        st.caption(note)
    pages = -(-len(predictions) // FACES_PER_PAGE)
    page = pick_page(pages, key=f"{key}_page", listed=predictions.row_id.tobytes())
    shown = predictions.take(slice((page - 1) * FACES_PER_PAGE, page * FACES_PER_PAGE))
    images = list(faces.take(shown.row_id).images)
    alts = [f"Face of row {row}, labeled {_label(shown, n)}" for n, row in enumerate(shown.row_id)]
    explained = _pick_explained(predictions, key=f"{key}_why")
    if explained is not None:
        try:
            reasons = _reasons(shown, images, explained)
        except ModelError as error:
            st.info(str(error), icon=":material/visibility_off:")
        else:
            images = [over_face(*each) for each in zip(images, reasons, strict=True)]
            words = [in_words(reason, explained) for reason in reasons]
            alts = [f"{alt}. {why}" for alt, why in zip(alts, words, strict=True)]
            st.caption(MEANINGS["grad_cam"])
    titles = model_titles()
    with st.container(horizontal=True, gap="small"):
        for index, (image, alt) in enumerate(zip(images, alts, strict=True)):
            st.image(image, width=140, caption=_caption(shown, index, titles), alt=alt)
    with st.expander("Show as table", icon=":material/table_chart:"):
        _show_listing(predictions, key=key, file_name=file_name)


def _what_a_row_is(split: str) -> str:
    if not has_faces(split):
        return "Row: a frame of the dataset, counted from 0 in the order of file names."
    row = "Row: a line of the published fer2013.csv, counted from 0."
    if not may_show_faces():
        return f"{row} Faces of the dataset are not shown on this server."
    return (
        f"{row} To see the faces here, put that file into the folder `data/`: see "
        "[Models & data](models)."
    )


def _pick_explained(predictions: AlignedPredictions, *, key: str) -> ModelCard | None:
    """Shows the picker of the model whose predictions Grad-CAM explains; None for no model."""
    cards = {
        card.title: card
        for card in saved_models()
        if card.name in predictions.models
        and set(predictions.labels) <= set(card.labels)  # not where labels were merged
    }
    if not cards:
        return None
    title = st.selectbox(
        "Explain (Grad-CAM)",
        list(cards),
        index=None,
        placeholder="Select a model",
        key=key,
        bind="query-params",
        width=280,
        help="Shows which parts of each face this model's prediction depends on.",
    )
    return None if title is None else cards[title]


def _reasons(
    predictions: AlignedPredictions, faces: Sequence[NDArray[np.uint8]], card: ModelCard
) -> list[Explanation]:
    predicted = predictions.predicted[:, predictions.models.index(card.name)]
    labels = [predictions.labels[int(index)] for index in predicted]
    return [
        explanation_of(face, card, label, "grad_cam")
        for face, label in zip(faces, labels, strict=True)
    ]


def _caption(predictions: AlignedPredictions, index: int, titles: Mapping[str, str]) -> str:
    lines = [f"**{_label(predictions, index)}**, row {predictions.row_id[index]}"]
    for position, model in enumerate(predictions.models):
        title = titles.get(model, model)
        confidence = f"{predictions.confidence[index, position]:.0%}"
        if predictions.is_correct[index, position]:
            lines.append(f"✓ {title} {confidence}")
        else:
            predicted = predictions.labels[predictions.predicted[index, position]]
            lines.append(f"✗ {title} **{predicted}** {confidence}")
    return "  \n".join(lines)


def _label(predictions: AlignedPredictions, index: int) -> str:
    return predictions.labels[int(predictions.label[index])]


def _show_listing(predictions: AlignedPredictions, *, key: str, file_name: str) -> None:
    table = predictions.to_frame()
    titles = model_titles()
    column = st.column_config
    config: dict[str, Any] = {
        "row_id": column.NumberColumn("Row", format="%d"),
        "label": "True label",
        "disagreement": column.NumberColumn(
            "Disagreement",
            format="%.2f",
            help="Jensen-Shannon divergence of the models' probabilities, 0 to 1.",
        ),
    }
    for model in predictions.models:
        title = titles.get(model, model)
        config[model] = title
        config[f"{model}_confidence"] = percent_bar(f"{title}, confidence")
    st.dataframe(
        table,
        hide_index=True,
        height=300,
        key=f"{key}_rows",
        column_config=config,
        alt="The rows with each model's prediction and confidence",
    )
    download_csv(table, key=f"{key}_rows_csv", file_name=file_name)


@st.cache_resource(max_entries=1, show_spinner="Reading the faces of the dataset…")
def _load(source: str, modified_ns: int) -> DatasetFaces | str:
    try:
        return load_dataset_faces(Path(source))
    except DatasetError as error:
        return str(error)
