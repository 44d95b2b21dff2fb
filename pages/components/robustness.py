"""The saved models' robustness: what is shipped with them, and what a visitor measures here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.cards import ModelCard
from fer_core.corrupted_face import CorruptedFace, answers_by_severity, versions
from fer_core.dataset_faces import DatasetFaces, has_faces
from fer_core.errors import FerError
from fer_core.evaluation.corruptions import Corruption
from fer_core.evaluation.robustness import (
    SAMPLE_ROWS,
    Robustness,
    draw_sample,
    measure_robustness,
)
from fer_core.evaluation.robustness_file import load_robustness
from pages.components.dataset import dataset_faces
from pages.components.evaluations import predictions_of
from pages.components.models import classifier_of

COMMAND = "python -m training.robustness --data fer2013.csv"

_MEASURED_HERE = "robustness_measured"


def results_of(cards: Sequence[ModelCard]) -> list[Robustness]:
    """Returns the current results, all on the same split; names models whose results are not.

    A result is current when it was measured with the model's present weights and corruptions.
    """
    measured: dict[str, Robustness] = st.session_state.setdefault(_MEASURED_HERE, {})
    current, old, missing = [], [], []
    for card in cards:
        try:
            result = measured.get(card.weights.sha256) or load_robustness(card.name)
        except FerError as error:
            st.warning(str(error), icon=":material/broken_image:")
            continue
        if result is None:
            missing += [card.title] if has_faces(card.protocol.report_split) else []
        elif not result.is_current(card):
            old.append(card.title)
        else:
            current.append(result)
    if old:
        st.warning(
            f"{', '.join(old)}: measured with other weights or other corruptions than today's, and "
            f"so not shown. Measure again below, or with `{COMMAND}`.",
            title="Results out of date",
            icon=":material/history:",
        )
    if missing:
        st.info(
            f"{', '.join(missing)}. Measure below, or with `{COMMAND}`.",
            title="Not measured yet",
            icon=":material/pending:",
        )
    splits = list(dict.fromkeys(result.split for result in current))
    if len(splits) < 2:
        return current
    split = st.selectbox("Test faces", splits, key="robustness_split", bind="query-params")
    return [result for result in current if result.split == split]


def answers_to(
    crop: NDArray[np.uint8], corruption: Corruption, cards: Sequence[ModelCard]
) -> tuple[list[NDArray[np.uint8]], dict[str, CorruptedFace]]:
    """Returns a face at every severity, and what each model answers, by its title."""
    return _answers(crop, corruption, tuple(card.fingerprint for card in cards), cards)


@st.cache_resource(scope="session", max_entries=16, show_spinner="Asking every model…")
def _answers(
    crop: NDArray[np.uint8],
    corruption: Corruption,
    fingerprints: tuple[str, ...],
    _cards: Sequence[ModelCard],
) -> tuple[list[NDArray[np.uint8]], dict[str, CorruptedFace]]:
    faces = versions(crop, corruption)
    return faces, {card.title: answers_by_severity(classifier_of(card), faces) for card in _cards}


def offer_measuring(cards: Sequence[ModelCard]) -> None:
    """Lets a visitor who has the dataset measure one model anew, with progress."""
    measurable = {card.name: card for card in cards if has_faces(card.protocol.report_split)}
    with st.expander("Measure again", icon=":material/restart_alt:"):
        faces = dataset_faces()
        if faces is None or not measurable:
            st.markdown(
                "Needs the dataset: put `fer2013.csv` into the folder `data/`, see "
                "[Models & data](models)."
            )
            return
        name = st.selectbox(
            "Model to measure",
            list(measurable),
            format_func=lambda name: measurable[name].title,
            key="robustness_model",
        )
        st.caption(
            f"51 times {SAMPLE_ROWS} faces: minutes, and the more the larger the model. The result "
            f"is shown here until you leave; `{COMMAND}` keeps it."
        )
        if st.button("Measure", icon=":material/timer:", key="robustness_measure"):
            _measure(measurable[name], faces)
            st.rerun()


def _measure(card: ModelCard, faces: DatasetFaces) -> None:
    sample = draw_sample(predictions_of(card)[card.protocol.report_split])
    bar = st.progress(0.0, f"Measuring {card.title}…")
    result = measure_robustness(
        classifier_of(card),
        sample,
        faces.take(sample.row_id).images,
        progress=lambda part: bar.progress(part, f"Measuring {card.title}…"),
    )
    st.session_state[_MEASURED_HERE][card.weights.sha256] = result
