"""The saved models' robustness: results shipped with them, and measured by a visitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fer_core.errors import FerError
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.reliability import SAMPLE_ROWS, Robustness, draw_sample, measure_robustness
from fer_core.fer2013 import DatasetFaces, has_faces
from fer_core.machine import JobFunction
from fer_core.preprocessing import Corruption
from fer_core.recognition import CorruptedFace, predict_by_severity, versions
from fer_core.zoo import Classifier, ModelCard, ModelStore
from pages.pickers import BY_FINGERPRINT, classifier_of, pick_split
from pages.session import (
    Label,
    forget_job,
    is_at_work,
    request_of,
    result_of,
    slots_of,
    start_job,
    state_of,
)
from pages.shared import dataset_faces, predictions_of

COMMAND: Final = "python -m training.artifacts.robustness --data fer2013.csv"
MEASUREMENTS_AT_ONCE: Final = 1
"""For all visitors together; the others wait, so that the pages stay responsive."""

_MEASURED_HERE, _MEASURING = "robustness_measured", "robustness_measuring"


def results_of(cards: Sequence[ModelCard]) -> list[Robustness]:
    """Returns the up-to-date results, all on the same split; names the models without one.

    A result is up to date if it was measured with the model's present weights and corruptions.
    """
    measured = _measured_here()
    _collect(measured)
    store = ModelStore.default()
    current, old, missing = [], [], []
    for card in cards:
        try:
            result = measured.get(card.weights.sha256) or store.load_robustness(card.name)
        except FerError as error:
            st.warning(str(error), icon=":material/broken_image:")
            continue
        if result is None:
            missing += [card.title] if has_faces(card.protocol.report_split) else []
        elif not result.is_current(card.weights.sha256):
            old.append(card.title)
        else:
            current.append(result)
    if old:
        st.warning(
            f"{'; '.join(old)}: measured with other weights or other corruptions, so not shown. "
            f"Measure again below, or with `{COMMAND}`.",
            title="Outdated results",
            icon=":material/history:",
        )
    if missing:
        st.info(
            f"{'; '.join(missing)}. Measure them below, or with `{COMMAND}`.",
            title="Not measured yet",
            icon=":material/pending:",
        )
    splits = list(dict.fromkeys(result.split for result in current))
    if len(splits) < 2:
        return current
    split = pick_split("robustness_split", splits, first=splits[0], label="Split")
    return [result for result in current if result.split == split]


@st.cache_resource(
    scope="session",
    max_entries=16,
    show_spinner="Running the models…",
    hash_funcs=BY_FINGERPRINT,
)
def predictions_by_severity(
    crop: NDArray[np.uint8], corruption: Corruption, cards: Sequence[ModelCard]
) -> tuple[list[NDArray[np.uint8]], dict[str, CorruptedFace]]:
    """Returns a face at each severity, and the predictions of each model, by its title."""
    faces = versions(crop, corruption)
    return faces, {card.title: predict_by_severity(classifier_of(card), faces) for card in cards}


def offer_measuring(cards: Sequence[ModelCard]) -> None:
    """Offers to measure one model in the background, if this machine has the dataset."""
    measurable = {card.name: card for card in cards if has_faces(card.protocol.report_split)}
    here = [card.title for card in cards if card.weights.sha256 in _measured_here()]
    is_in_use = bool(here) or request_of(_MEASURING) is not None
    with st.expander("Measure", icon=":material/restart_alt:", expanded=is_in_use):
        faces = dataset_faces()
        if faces is None or not measurable:
            st.markdown(
                "This needs the dataset: put `fer2013.csv` into the folder `data/` (see "
                "[Models & data](models))."
            )
            return
        name = st.selectbox(
            "Model to measure",
            list(measurable),
            format_func=lambda name: measurable[name].title,
            key="robustness_model",
        )
        st.caption(
            f"51 x {SAMPLE_ROWS} faces: takes minutes, and continues while you use other pages. "
            f"The result is lost when you close or reload this tab; `{COMMAND}` saves it."
        )
        is_measuring = is_at_work(_MEASURING)
        if st.button(
            "Measure", icon=":material/timer:", key="robustness_measure", disabled=is_measuring
        ):
            _start_measuring(measurable[name], faces)
            st.rerun()
        _show_measuring()
        if here:
            st.success(f"Measured in this session: {'; '.join(here)}.", icon=":material/check:")


def _measured_here() -> dict[str, Robustness]:
    """Returns the results of this session, by the checksum of the weights."""
    measured: dict[str, Robustness] = st.session_state.setdefault(_MEASURED_HERE, {})
    return measured


def _collect(measured: dict[str, Robustness]) -> None:
    """Stores the result of a finished job, before it is drawn."""
    state = state_of(_MEASURING)
    if state is not None and isinstance(state.result, Robustness):
        measured[state.result.weights] = state.result
        forget_job(_MEASURING)


def _start_measuring(card: ModelCard, faces: DatasetFaces) -> None:
    predictions = predictions_of(card)[card.protocol.report_split]
    work = _measuring_of(classifier_of(card), predictions, faces)
    text = f"Measuring {card.title}"
    label = Label(text, partial(_progress_of, text), "robustness/robustness.py")
    start_job(_MEASURING, card, work, slots_of("robustness", MEASUREMENTS_AT_ONCE), label)


def _measuring_of(
    classifier: Classifier, predictions: SplitPredictions, faces: DatasetFaces
) -> JobFunction[float, Robustness]:
    def work(report: Callable[[float], None], should_stop: Callable[[], bool]) -> Robustness:
        sample = draw_sample(predictions)
        return measure_robustness(
            classifier.predict_crops,
            sample,
            faces.take(sample.row_id).images,
            model=classifier.card.name,
            weights=classifier.card.weights.sha256,
            progress=report,
            should_stop=should_stop,
        )

    return work


def _show_measuring() -> None:
    """Shows the progress of this session's measurement, whichever model is selected."""
    if result_of(_MEASURING) is not None:
        st.rerun()


def _progress_of(text: str, part: float | None) -> tuple[float, str]:
    return part or 0.0, f"{text}…" if part is None else f"{text}: {part:.0%}"
