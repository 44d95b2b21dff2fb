"""The faces behind rows: from this machine's copy of the dataset, where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.drawing import over_face
from fer_core.errors import DatasetError, FerError, ModelError
from fer_core.evaluation.comparison import AlignedPredictions
from fer_core.explain import Explanation
from fer_core.fer2013 import DatasetFaces, find_dataset, has_faces, load_dataset_faces
from fer_core.zoo import ModelCard
from pages.pickers import saved_models
from pages.shared.explanations import MEANINGS, explanation_of, in_words
from pages.widgets import download_csv, pick_page

FACES_PER_PAGE = 12


def dataset_faces() -> DatasetFaces | None:
    """Returns the test faces, or None when there is no dataset; says so when it is no use."""
    source = find_dataset()
    if source is None:
        return None
    found = _load(str(source), source.stat().st_mtime_ns)
    if isinstance(found, DatasetFaces):
        return found
    st.warning(found, title="The dataset cannot be used", icon=":material/broken_image:")
    return None


def may_show_faces() -> bool:
    """Returns whether visitors may see faces of the dataset: unless `FER_SHOW_DATASET_FACES` is 0.

    Raises:
        FerError: the setting is neither 0 nor 1.
    """
    named = os.environ.get("FER_SHOW_DATASET_FACES", "") or "1"
    if named not in ("0", "1"):
        raise FerError(
            "FER_SHOW_DATASET_FACES must be 1, to show faces of the dataset to every visitor, or "
            f"0, to show them to nobody. Received: {named!r}"
        )
    return named == "1"


def faces_to_show() -> DatasetFaces | None:
    """Returns the test faces where visitors may see them; None otherwise, or without a dataset."""
    return dataset_faces() if may_show_faces() else None


def show_rows(
    answers: AlignedPredictions,
    split: str,
    *,
    key: str,
    file_name: str,
    stand_in: Callable[[], None] | None = None,
) -> None:
    """Shows rows with what each model answers: their faces page by page, and all as a table.

    Args:
        answers: the rows in the order to show them; at least one.
        split: where they are from.
        key: prefix of the widgets' keys.
        file_name: of the CSV file.
        stand_in: shows something in place of the faces where there are none to show.
    """
    faces = faces_to_show() if has_faces(split) else None
    if faces is None:
        if stand_in is not None:
            stand_in()
        _show_listing(answers, key=key, file_name=file_name)
        st.caption(_what_a_row_is(split))
        return
    for note in faces.notes:
        st.caption(note)
    pages = -(-len(answers) // FACES_PER_PAGE)
    page = pick_page(pages, key=f"{key}_page", listed=answers.row_id.tobytes())
    shown = answers.take(slice((page - 1) * FACES_PER_PAGE, page * FACES_PER_PAGE))
    images = list(faces.take(shown.row_id).images)
    alts = [f"Face of row {row}, labeled {_label(shown, n)}" for n, row in enumerate(shown.row_id)]
    explained = _pick_explained(answers, key=f"{key}_why")
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
    with st.container(horizontal=True, gap="small"):
        for index, (image, alt) in enumerate(zip(images, alts, strict=True)):
            st.image(image, width=140, caption=_caption(shown, index), alt=alt)
    with st.expander("Show as table", icon=":material/table_chart:"):
        _show_listing(answers, key=key, file_name=file_name)


def _what_a_row_is(split: str) -> str:
    if not has_faces(split):
        return "A row is a frame of the dataset, counted from 0 in the order of their names."
    row = "A row is the line of the published fer2013.csv, counted from 0."
    if not may_show_faces():
        return f"{row} Faces of the dataset are not shown on this server."
    return (
        f"{row} The faces appear here when you put that file into the folder `data/`: see "
        "[Models & data](models)."
    )


def _pick_explained(answers: AlignedPredictions, *, key: str) -> ModelCard | None:
    """Lets a person choose the model whose answers Grad-CAM explains; None for no model."""
    cards = {
        card.title: card
        for card in saved_models()
        if card.name in answers.models
        and set(answers.labels) <= set(card.labels)  # not where labels were merged
    }
    if not cards:
        return None
    title = st.selectbox(
        "Show why (Grad-CAM)",
        list(cards),
        index=None,
        placeholder="Choose a model",
        key=key,
        bind="query-params",
        width=280,
        help="Which parts of each face this model's answer rests on.",
    )
    return None if title is None else cards[title]


def _reasons(
    answers: AlignedPredictions, faces: Sequence[NDArray[np.uint8]], card: ModelCard
) -> list[Explanation]:
    given = answers.predicted[:, answers.models.index(card.name)]
    labels = [answers.labels[int(predicted)] for predicted in given]
    return [
        explanation_of(face, card, label, "grad_cam")
        for face, label in zip(faces, labels, strict=True)
    ]


def _caption(answers: AlignedPredictions, index: int) -> str:
    lines = [f"**{_label(answers, index)}**, row {answers.row_id[index]}"]
    for position, model in enumerate(answers.models):
        confidence = f"{answers.confidence[index, position]:.0%}"
        if answers.is_correct[index, position]:
            lines.append(f"✓ {model} {confidence}")
        else:
            predicted = answers.labels[answers.predicted[index, position]]
            lines.append(f"✗ {model} **{predicted}** {confidence}")
    return "  \n".join(lines)


def _label(answers: AlignedPredictions, index: int) -> str:
    return answers.labels[int(answers.label[index])]


def _show_listing(answers: AlignedPredictions, *, key: str, file_name: str) -> None:
    table = answers.to_frame()
    column = st.column_config
    confidence = column.NumberColumn(format="percent")
    st.dataframe(
        table,
        hide_index=True,
        height=300,
        key=f"{key}_rows",
        column_config={
            "row_id": column.NumberColumn("row", format="%d"),
            "disagreement": column.NumberColumn(
                format="%.2f",
                help="How far apart the models' probabilities lie, 0 to 1 (Jensen-Shannon).",
            ),
        }
        | {f"{model}_confidence": confidence for model in answers.models},
        alt="The rows with each model's answer and confidence",
    )
    download_csv(table, key=f"{key}_rows_csv", file_name=file_name)


@st.cache_resource(max_entries=1, show_spinner="Reading the faces of the dataset…")
def _load(source: str, modified_ns: int) -> DatasetFaces | str:
    try:
        return load_dataset_faces(Path(source))
    except DatasetError as error:
        return str(error)
