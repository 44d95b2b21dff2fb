"""A visitor's clip: from the uploaded bytes to a timeline. Nothing of it reaches the disk."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

import streamlit as st

from fer_core.analysis import Analyzer
from fer_core.cards import ModelCard
from fer_core.errors import InputRejected
from fer_core.faces import LIVE_SIDE
from fer_core.video.analysis import VideoProgress, VideoSettings, analyze_video
from fer_core.video.annotated import annotate_video
from fer_core.video.checkpoint import MemoryCheckpoint
from fer_core.video.job import Job
from fer_core.video.peaks import PeakFaces
from fer_core.video.reading import FORMATS, ClipReader
from fer_core.video.timeline import Timeline
from pages.components.detectors import new_detector
from pages.components.models import classifier_of
from pages.components.photos import show_rejection
from pages.components.timelines import show_timeline

VIDEO_TYPES: Final = ("mp4", "m4v", "mov", "webm", "mkv", "avi", "mpg", "mpeg", "ts", "wmv", "flv")
MAX_VIDEO_MB: Final = 100
MAX_MINUTES: Final = 10
CLIPS_AT_ONCE: Final = 1
"""Of all visitors together: the others wait, and photos and live video stay quick."""

_RATES: Final = {"2": 2.0, "5": 5.0, "10": 10.0, "all": None}
_JOB, _DRAWING = "upload_video_job", "upload_video_drawing"


@dataclass(frozen=True, eq=False)
class ClipResult:
    """A timeline and the pictures that go with it.

    Attributes:
        timeline: of the whole clip, or up to where it was stopped.
        peaks: a picture for each event.
        seen: what to go on with where it was stopped; empty at the end of the clip.
    """

    timeline: Timeline
    peaks: PeakFaces
    seen: MemoryCheckpoint


@dataclass(frozen=True)
class _Request:
    """What a timeline is asked of, and how."""

    file_id: str
    model: str
    fingerprint: str
    detector: str
    settings: VideoSettings


def show_video_upload(card: ModelCard, detector: str, threshold: float) -> None:
    """Shows everything about a video: choosing one, waiting for it, and what came of it."""
    file = st.file_uploader(
        "Video",
        VIDEO_TYPES,
        key="upload_video",
        max_upload_size=MAX_VIDEO_MB,
        help=f"{', '.join(FORMATS)}, up to {MAX_VIDEO_MB} MB and {MAX_MINUTES} minutes.",
    )
    rate = st.segmented_control(
        "Frames a second to look at",
        list(_RATES),
        default="10",
        required=True,
        key="upload_video_rate",
        bind="query-params",
        help="Fewer are faster; 5 are enough to see most expressions.",
    )
    if file is None:
        stop_jobs()
        st.info(
            "Choose a clip above. Every face in it is followed, and you see which expression it "
            "appears to show when. The clip stays in memory, and is gone when you leave.",
            title="No video yet",
            icon=":material/movie:",
        )
        return
    data = file.getvalue()
    try:
        with ClipReader(data, max_duration_s=60.0 * MAX_MINUTES) as reader:
            facts = reader.facts
    except InputRejected as error:
        show_rejection(file.name, error)
        return
    length = "unknown length" if facts.duration_s is None else f"{facts.duration_s:.1f} s"
    pace = "" if facts.fps is None else f" at {facts.fps:.3g} frames a second"
    st.caption(f"{facts.width} x {facts.height} pixels, {length}{pace}, {facts.codec}.")
    settings = VideoSettings(
        fps=_RATES[rate], threshold=threshold, max_duration_s=60.0 * MAX_MINUTES
    )
    wanted = _Request(file.file_id, card.name, card.fingerprint, detector, settings)
    made = _made_of(file.file_id) or wanted
    job = _job_for(_JOB, made)
    result: ClipResult | None = None
    so_far: ClipResult | None = None
    if job is None:
        is_asked = st.button("Analyze this video", type="primary", icon=":material/play_arrow:")
    else:
        result = _result_of(job, "Looking at the clip", key=_JOB)
        if made != wanted:
            is_asked = _is_asked_to_begin_anew()
        else:
            so_far = result
            is_asked = result is not None and _is_asked_to_go_on(result.timeline)
    if is_asked:
        analyzer = Analyzer(classifier_of(card), new_detector(detector, longest_side=LIVE_SIDE))
        stop_jobs()
        _start(_JOB, wanted, _analysis_of(data, analyzer, settings, so_far), so_far=so_far)
        st.rerun()
    if result is not None:
        _show_result(result, data, PurePath(file.name).stem, made)


def _made_of(file_id: str) -> _Request | None:
    """Returns what was asked of this clip last: its result stays until somebody asks anew."""
    kept: tuple[_Request, Job[Any]] | None = st.session_state.get(_JOB)
    return kept[0] if kept is not None and kept[0].file_id == file_id else None


def _is_asked_to_begin_anew() -> bool:
    st.info(
        "Model, detector, threshold or frames a second are not those of the result below.",
        icon=":material/tune:",
    )
    return st.button("Analyze again", type="primary", icon=":material/replay:")


def _is_asked_to_go_on(timeline: Timeline) -> bool:
    if timeline.is_complete:
        return False
    last_s = timeline.frame_timestamp_s[-1]
    st.warning(
        f"It was stopped after {last_s:.1f} s of the clip. What was found until then is kept.",
        icon=":material/stop:",
    )
    return st.button("Go on", type="primary", icon=":material/play_arrow:")


def _show_result(result: ClipResult, data: bytes, name: str, made: _Request) -> None:
    timeline = result.timeline
    show_timeline(timeline, result.peaks, name=name)
    if not len(timeline):
        return
    st.subheader("The video with boxes")
    drawing = _job_for(_DRAWING, made)
    if drawing is None:
        if st.button("Draw the boxes", icon=":material/animated_images:"):
            _start(_DRAWING, made, _drawing_of(data, timeline, made.settings.threshold))
            st.rerun()
        st.caption("Made in memory when you ask for it, with the sound as it was.")
        return
    drawn: bytes | None = _result_of(drawing, "Drawing", key=_DRAWING)
    if drawn == b"":
        _offer_again(_DRAWING, "It was stopped, so there is no video.")
    elif drawn is not None:
        st.video(drawn, alt=f"{name} with a box and a label at each face", width=720)
        st.download_button(
            "Download MP4",
            drawn,
            f"{name}-faces.mp4",
            "video/mp4",
            key="upload_video_mp4",
            icon=":material/download:",
            on_click="ignore",
        )


def _analysis_of(
    data: bytes, analyzer: Analyzer, settings: VideoSettings, so_far: ClipResult | None
) -> Callable[[Callable[[VideoProgress], None], Callable[[], bool]], ClipResult]:
    def work(
        report: Callable[[VideoProgress], None], should_stop: Callable[[], bool]
    ) -> ClipResult:
        seen, peaks = MemoryCheckpoint(), PeakFaces()
        if so_far is not None:
            seen, peaks = so_far.seen, so_far.peaks
        timeline = analyze_video(
            data,
            analyzer,
            settings,
            checkpoint=seen,
            progress=report,
            on_faces=peaks,
            should_stop=should_stop,
        )
        return ClipResult(timeline, peaks, MemoryCheckpoint() if timeline.is_complete else seen)

    return work


def _drawing_of(
    data: bytes, timeline: Timeline, threshold: float
) -> Callable[[Callable[[VideoProgress], None], Callable[[], bool]], bytes]:
    def work(report: Callable[[VideoProgress], None], should_stop: Callable[[], bool]) -> bytes:
        file = io.BytesIO()
        whole = annotate_video(
            data, timeline, file, threshold=threshold, progress=report, should_stop=should_stop
        )
        return file.getvalue() if whole else b""

    return work


@st.cache_resource(max_entries=1)
def _turns() -> threading.Semaphore:
    return threading.Semaphore(CLIPS_AT_ONCE)


def _start(
    key: str, wanted: _Request, work: Callable[..., object], *, so_far: object = None
) -> None:
    st.session_state[key] = wanted, Job(work, _turns(), so_far)


def _job_for(key: str, wanted: _Request | None) -> Job[Any] | None:
    """Returns the job for exactly this; one for anything else is stopped and forgotten."""
    kept: tuple[object, Job[Any]] | None = st.session_state.get(key)
    if kept is None:
        return None
    of, job = kept
    if of == wanted:
        return job
    job.stop()
    _forget(key)
    return None


def stop_jobs() -> None:
    """Stops what is being made of this visitor's clip, and forgets what was made."""
    for key in (_JOB, _DRAWING):
        _job_for(key, None)


def _result_of(job: Job[Any], what: str, *, key: str) -> Any:
    """Returns what a job came to; before that shows how far it is, and None."""
    state = job.state()
    if state.phase == "failed":
        _offer_again(key, state.error or "")
    elif state.phase != "done":
        st.fragment(_show_progress, run_every=0.5)(job, what, key)
    return state.result


def _offer_again(key: str, message: str) -> None:
    st.warning(message, icon=":material/error:")
    st.button(
        "Try again", key=f"{key}_again", icon=":material/replay:", on_click=_forget, args=(key,)
    )


def _stop(key: str) -> None:
    """Stops a job by its key: Streamlit keeps what a button calls, and with a job its clip."""
    if key in st.session_state:
        _, job = st.session_state[key]
        job.stop()


def _forget(key: str) -> None:
    st.session_state.pop(key, None)


def _show_progress(job: Job[Any], what: str, key: str) -> None:
    state = job.state()
    if state.phase in ("done", "failed"):
        st.rerun()
    if state.phase == "waiting":
        st.info("Waiting for another visitor's clip to be done…", icon="spinner")
    else:
        st.progress(*_progress_of(state.progress, what))
    st.button("Stop", key=f"{key}_stop", icon=":material/stop:", on_click=_stop, args=(key,))


def _progress_of(progress: VideoProgress | None, what: str) -> tuple[float, str]:
    if progress is None:
        return 0.0, f"{what}…"
    pace = progress.frames / progress.elapsed_s if progress.elapsed_s else 0.0
    text = f"{what}: {progress.frames} frames, {pace:.0f} a second"
    if progress.remaining_s is not None:
        text += f", about {progress.remaining_s:.0f} s to go"
    return progress.part or 0.0, text
