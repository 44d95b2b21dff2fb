"""A visitor's labeled photos in a ZIP: in memory only, evaluated in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from fer_core.benchmark import PhotoEvaluation
from fer_core.benchmark.photos import (
    MAX_ENTRIES,
    ClassMatching,
    EvaluationSettings,
    FaceFinder,
    LabeledPhotos,
    evaluate_photos,
    match_classes,
    photos_of_zip,
)
from fer_core.errors import JobCanceled
from fer_core.faces import create_detector
from fer_core.machine import available_processors
from fer_core.recognition import MAX_TOTAL_BYTES, FileInMemory
from fer_core.zoo import RunnableCard
from pages.pickers import (
    classifier_of,
    photo_detector,
    pick_detector,
    pick_models,
    runnable_models,
    show_notice,
)
from pages.session import (
    Label,
    ask_for_consent,
    forget_job,
    has_consent,
    request_of,
    result_of,
    slots_of,
    start_job,
    upload_file,
    wait_a_moment,
)
from pages.widgets import as_markdown, end_page

JOB: Final = "evaluate_job"
COMMAND: Final = "python -m fer_core evaluate"
AT_ONCE: Final = max(1, available_processors() // 2)
"""For all visitors together."""

_MAX_MB: Final = MAX_TOTAL_BYTES // 2**20
_ACCEPTED: Final = "evaluate_classes_accepted"


@dataclass(frozen=True)
class Request:
    """What a visitor asked to evaluate.

    Attributes:
        file: identifies the uploaded file.
        models: name and fingerprint of the models.
        detector: name of the face detector; "" if the photos are pre-cropped.
    """

    file: str
    models: tuple[tuple[str, str], ...]
    detector: str


def choose_own_photos() -> tuple[PhotoEvaluation, LabeledPhotos] | None:
    """Shows the uploader and evaluates its photos; returns the evaluation once it is complete."""
    if not has_consent():
        ask_for_consent()
        end_page()
    uploaded = upload_file(
        "Labeled photos",
        ("zip",),
        key="evaluate_zip",
        max_mb=_MAX_MB,
        help=f"A ZIP with a folder per class, such as happy/ and sad/; up to {MAX_ENTRIES:,} "
        "photos. Never unpacked to the disk.",
        on_drop=_forget_result,
    )
    cards = runnable_models()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = pick_models("evaluate_models", cards)
        detector = pick_detector("evaluate_detector")
        is_cropped = st.toggle(
            "Pre-cropped",
            key="evaluate_cropped",
            bind="query-params",
            help="Every photo is one cropped face, so none is detected.",
        )
    if uploaded is None:
        st.info(
            f"Upload a ZIP of up to {_MAX_MB} MB above. For more photos, further columns or other "
            f"packages, use `{COMMAND} FOLDER --model cnn --save NAME`; the result is listed under "
            "Saved evaluations.",
            title="No photos yet",
            icon=":material/folder_zip:",
        )
        return None
    if not chosen:
        st.info("Select at least one model.", icon=":material/compare:")
        return None
    if not is_cropped:
        show_notice(photo_detector(detector))
    photos = _opened(uploaded.key, uploaded)
    matching = match_classes(photos.class_names)
    if not _are_classes_accepted(matching, uploaded.key):
        return None
    asked = Request(
        uploaded.key,
        tuple((card.name, card.fingerprint) for card in chosen),
        "" if is_cropped else photo_detector(detector).name,
    )
    if request_of(JOB) != asked:
        _start(asked, chosen, photos, matching)
        wait_a_moment(JOB)
    evaluation: PhotoEvaluation | None = result_of(JOB)
    return None if evaluation is None else (evaluation, photos)


@st.cache_resource(scope="session", max_entries=1, show_spinner="Reading the ZIP…")
def _opened(key: str, _file: FileInMemory) -> LabeledPhotos:
    return photos_of_zip(_file.name, _file.data)


def _forget_result() -> None:
    forget_job(JOB)


def _are_classes_accepted(matching: ClassMatching, file_id: str) -> bool:
    if matching.unknown:
        st.error(
            f"{as_markdown(', '.join(matching.unknown))}: rename these folders to an expression, "
            f"or state what they are with `{COMMAND} --classes`.",
            title="Unknown classes",
            icon=":material/help:",
        )
        return False
    if not matching.needs_confirmation or st.session_state.get(_ACCEPTED) == file_id:
        return True
    source = f" The digits are read as those of {matching.digits}." if matching.digits else ""
    st.warning(
        f"Some folders are not named exactly as a class.{source}",
        title="Are the classes read correctly?",
        icon=":material/help:",
    )
    st.dataframe(
        {
            "Folder": list(matching.read_as),
            "Read as": list(matching.read_as.values()),
            "Photos": [matching.photos[name] for name in matching.read_as],
        },
        hide_index=True,
        alt="The class that each folder is read as",
    )
    st.button(
        "Yes, evaluate",
        key="evaluate_accept_classes",
        type="primary",
        icon=":material/check:",
        on_click=_accept,
        args=(file_id,),
    )
    return False


def _accept(file_id: str) -> None:
    st.session_state[_ACCEPTED] = file_id


def _start(
    asked: Request, cards: list[RunnableCard], photos: LabeledPhotos, matching: ClassMatching
) -> None:
    # Its own detector: it keeps state, and the job runs beside the pages.
    finder = FaceFinder(
        {card.name: classifier_of(card) for card in cards},
        create_detector(asked.detector) if asked.detector else None,
    )
    settings = EvaluationSettings(
        tuple(card.name for card in cards), asked.detector or None, not asked.detector
    )

    def work(
        report: Callable[[tuple[int, int]], None], should_stop: Callable[[], bool]
    ) -> PhotoEvaluation:
        evaluation = evaluate_photos(
            photos,
            matching,
            settings,
            finder=finder,
            progress=lambda done, total: report((done, total)),
            should_stop=should_stop,
        )
        if evaluation is None:
            raise JobCanceled("Stopped before a photo was finished.")
        return evaluation

    label = Label(
        "Evaluation",
        _in_words,
        "evaluate/evaluate.py",
        {"evaluate_source": "Your photos"},
    )
    start_job(JOB, asked, work, slots_of("evaluate", AT_ONCE), label)


def _in_words(progress: tuple[int, int] | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, "Evaluating photos…"
    done, total = progress
    return done / total, f"Photo {done:,} of {total:,}"
