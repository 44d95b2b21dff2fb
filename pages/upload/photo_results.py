"""Results of this session's photos: each is analyzed once, in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from fer_core.machine import JobState, available_processors
from fer_core.recognition import (
    AnalyzedBy,
    Analyzer,
    PhotoResult,
    PhotoSet,
    SetProgress,
    analyze_set,
)
from fer_core.zoo import RunnableCard
from pages.pickers import classifier_of, photo_detector
from pages.session import (
    Label,
    forget_job,
    is_at_work,
    jobs_owner,
    request_of,
    result_of,
    slots_of,
    start_job,
    state_of,
    wait_a_moment,
)
from pages.upload.photo_uploads import PHOTOS_JOB
from pages.widgets import as_markdown, short_name

PHOTOS_AT_ONCE: Final = max(1, available_processors() // 2)
"""For all visitors together. Each photo takes its own slot, so large albums block no one."""


def results_so_far(photos: PhotoSet, card: RunnableCard, detector: str) -> dict[str, PhotoResult]:
    """Returns the results by the photos' keys; starts the analysis of new photos.

    A few photos are analyzed within this run of the page. For many, it shows the progress with a
    button to stop, and returns the partial results.

    Args:
        photos: of this session.
        card: of the model.
        detector: name of the face detector.
    """
    by = AnalyzedBy(card.name, card.fingerprint, detector)
    progress = photos.progress(by)
    if not progress.photos or (progress.is_complete and request_of(PHOTOS_JOB) != by):
        forget_job(PHOTOS_JOB)
    if progress.is_complete:
        return photos.results(by)
    state = state_of(PHOTOS_JOB) if request_of(PHOTOS_JOB) == by else None
    if _was_stopped(state, progress):
        if not _is_asked_to_resume(progress):
            return photos.results(by)
        state = None
    if state is None or state.phase == "done":
        _start(photos, card, detector, by)
        wait_a_moment(PHOTOS_JOB)
        if is_at_work(PHOTOS_JOB):
            st.rerun()  # so that the menu, drawn before, lists the job at once
    result_of(PHOTOS_JOB)
    return photos.results(by)


def _start(photos: PhotoSet, card: RunnableCard, detector: str, by: AnalyzedBy) -> None:
    analyzer = Analyzer(classifier_of(card), photo_detector(detector))
    slots, owner = slots_of("photos", PHOTOS_AT_ONCE), jobs_owner()

    def work(report: Callable[[SetProgress], None], should_stop: Callable[[], bool]) -> SetProgress:
        return analyze_set(
            photos,
            analyzer,
            by,
            slots=slots,
            owner=owner,
            progress=report,
            should_stop=should_stop,
        )

    label = Label("Photos", _in_words, "upload/upload.py", {"upload_kind": "Photos"})
    start_job(PHOTOS_JOB, by, work, None, label)


def _was_stopped(state: JobState[SetProgress, SetProgress] | None, progress: SetProgress) -> bool:
    """Returns whether the visitor stopped the analysis and has added no photo since."""
    if state is None or state.result is None or not state.was_stopped:
        return False
    return state.result.version == progress.version


def _is_asked_to_resume(progress: SetProgress) -> bool:
    st.warning(
        f"Stopped after {progress.done} of {progress.photos} photos. The partial results are "
        "below.",
        icon=":material/stop:",
    )
    return st.button("Resume", key="upload_photos_resume", icon=":material/play_arrow:")


def _in_words(progress: SetProgress | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, "Analyzing photos…"
    name = as_markdown(short_name(progress.name))
    number = min(progress.done + 1, progress.photos)
    return progress.done / max(1, progress.photos), f"Photo {number} of {progress.photos}: {name}"
