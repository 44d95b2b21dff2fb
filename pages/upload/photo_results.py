"""What was found on the photos of this session: each is analyzed once, beside the page."""

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
from fer_core.zoo import ModelCard
from pages.pickers import classifier_of, photo_detector
from pages.upload.photo_uploads import PHOTOS_JOB
from pages.visit import (
    Label,
    asked_of,
    forget_job,
    is_at_work,
    jobs_owner,
    result_of,
    slots_of,
    start_job,
    state_of,
    wait_a_moment,
)
from pages.widgets import as_markdown, short_name

PHOTOS_AT_ONCE: Final = max(1, available_processors() // 2)
"""Of all visitors together. A photo is a slot of its own, so nobody waits for another's album."""


def results_so_far(photos: PhotoSet, card: ModelCard, detector: str) -> dict[str, PhotoResult]:
    """Returns what was found, by the photos' keys; has those analyzed that were not yet.

    A few photos are done within this run of the page. Of many it shows how far they are, with a
    button to stop, and returns what there is so far.

    Args:
        photos: of this session.
        card: of the model.
        detector: name of the face detector.
    """
    by = AnalyzedBy(card.name, card.fingerprint, detector)
    progress = photos.progress(by)
    if not progress.photos or (progress.is_complete and asked_of(PHOTOS_JOB) != by):
        forget_job(PHOTOS_JOB)
    if progress.is_complete:
        return photos.results(by)
    state = state_of(PHOTOS_JOB) if asked_of(PHOTOS_JOB) == by else None
    if _was_stopped(state, progress):
        if not _is_asked_to_resume(progress):
            return photos.results(by)
        state = None
    if state is None or state.phase == "done":
        _start(photos, card, detector, by)
        wait_a_moment(PHOTOS_JOB)
        if is_at_work(PHOTOS_JOB):
            st.rerun()  # the menu, drawn before, lists the job from its beginning
    result_of(PHOTOS_JOB)
    return photos.results(by)


def _start(photos: PhotoSet, card: ModelCard, detector: str, by: AnalyzedBy) -> None:
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
    """Whether the visitor has stopped it and has added nothing since then."""
    if state is None or state.result is None or not state.was_stopped:
        return False
    return state.result.version == progress.version


def _is_asked_to_resume(progress: SetProgress) -> bool:
    st.warning(
        f"It was stopped after {progress.done} of {progress.photos} photos. What was found until "
        "then is below.",
        icon=":material/stop:",
    )
    return st.button("Analyze the others", key="upload_photos_resume", icon=":material/play_arrow:")


def _in_words(progress: SetProgress | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, "Looking at the photos…"
    name = as_markdown(short_name(progress.name))
    number = min(progress.done + 1, progress.photos)
    return progress.done / max(1, progress.photos), f"Photo {number} of {progress.photos}: {name}"
