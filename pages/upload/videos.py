"""A visitor's video: from the uploaded bytes to a timeline, in memory only."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Final

import streamlit as st

from fer_core.errors import InputRejected, JobCanceled
from fer_core.faces import LIVE_SIDE
from fer_core.files import VIDEO_KINDS, listed, upload_types
from fer_core.machine import FairSlots, JobFunction
from fer_core.recognition import Analyzer, FileInMemory
from fer_core.video import (
    MemoryCheckpoint,
    PeakFaces,
    VideoProgress,
    VideoReader,
    VideoSettings,
    VideoTimeline,
    analyze_video,
    annotate_video,
)
from fer_core.zoo import RunnableCard
from pages.pickers import classifier_of, new_detector
from pages.session import (
    Label,
    forget_job,
    request_of,
    result_of,
    slots_of,
    start_job,
    upload_file,
)
from pages.shared import show_rejection
from pages.upload.timeline import show_timeline
from pages.widgets import short_name

MAX_VIDEO_MB: Final = 100
MAX_MINUTES: Final = 10
CLIPS_AT_ONCE: Final = 1
"""For all visitors together; the others wait, so that photos and live video stay fast."""

_RATES: Final = {"2": 2.0, "5": 5.0, "10": 10.0, "all": None}
_ANALYSIS, _DRAWING = "upload_video_analysis", "upload_video_drawing"


@dataclass(frozen=True, eq=False)
class ClipResult:
    """A timeline and its thumbnails.

    Attributes:
        timeline: of the whole video, or up to where it was stopped.
        peaks: a thumbnail for each event.
        seen: checkpoint to resume from; empty at the end of the video.
    """

    timeline: VideoTimeline
    peaks: PeakFaces
    seen: MemoryCheckpoint


@dataclass(frozen=True)
class _Request:
    """The video and the settings of a timeline."""

    file_id: str
    model: str
    fingerprint: str
    detector: str
    settings: VideoSettings


def show_video_upload(card: RunnableCard, detector: str, threshold: float) -> None:
    """Shows the video view: the uploader, the progress, and the results."""
    file = upload_file(
        "Video",
        upload_types(VIDEO_KINDS),
        key="upload_video",
        max_mb=MAX_VIDEO_MB,
        help=f"{listed(VIDEO_KINDS)}, up to {MAX_VIDEO_MB} MB and {MAX_MINUTES} minutes.",
        on_drop=_forget_results,
    )
    rate = st.segmented_control(
        "Frames per second",
        list(_RATES),
        default="10",
        required=True,
        key="upload_video_rate",
        bind="query-params",
        help="Lower is faster; 5 fps capture most expressions.",
    )
    if file is None:
        st.info(
            "Upload a video above to see the apparent expressions of each face over time. It stays "
            "in memory until you close or reload this tab.",
            title="No video yet",
            icon=":material/movie:",
        )
        return
    data = file.data
    try:
        with VideoReader(data, max_duration_s=60.0 * MAX_MINUTES) as reader:
            facts = reader.facts
    except InputRejected as error:
        show_rejection(file.name, error)
        return
    length = "unknown length" if facts.duration_s is None else f"{facts.duration_s:.1f} s"
    pace = "" if facts.fps is None else f", {facts.fps:.3g} fps"
    st.caption(f"{facts.width} x {facts.height} pixels, {length}{pace}, {facts.codec}.")
    settings = VideoSettings(
        fps=_RATES[rate], threshold=threshold, max_duration_s=60.0 * MAX_MINUTES
    )
    wanted = _Request(file.key, card.name, card.fingerprint, detector, settings)
    made = _made_of(file.key)
    result: ClipResult | None = None
    so_far: ClipResult | None = None
    if made is None:
        _forget_results()
        is_asked = st.button("Analyze this video", type="primary", icon=":material/play_arrow:")
    else:
        result = result_of(_ANALYSIS)
        if made != wanted:
            is_asked = _is_asked_to_restart()
        else:
            so_far = result
            is_asked = result is not None and _is_asked_to_resume(result.timeline)
    if is_asked:
        analyzer = Analyzer(classifier_of(card), new_detector(detector, longest_side=LIVE_SIDE))
        _forget_results()
        work = _analysis_of(data, analyzer, settings, so_far)
        label = _label(short_name(file.name), "Analyzing the video")
        start_job(_ANALYSIS, wanted, work, _slots(), label, so_far=so_far)
        st.rerun()
    if made is not None and result is not None:
        _show_result(result, file, made)


def _made_of(file_id: str) -> _Request | None:
    """Returns the latest request for this video; its result stays until the next request."""
    made: _Request | None = request_of(_ANALYSIS)
    return made if made is not None and made.file_id == file_id else None


def _forget_results() -> None:
    """Stops the jobs of a video and removes their results."""
    for key in (_ANALYSIS, _DRAWING):
        forget_job(key)


def _is_asked_to_restart() -> bool:
    st.info(
        "The results below are for another model, detector, threshold or frame rate.",
        icon=":material/tune:",
    )
    return st.button("Analyze again", type="primary", icon=":material/replay:")


def _is_asked_to_resume(timeline: VideoTimeline) -> bool:
    if timeline.is_complete:
        return False
    last_s = timeline.frame_timestamp_s[-1]
    st.warning(
        f"Stopped after {last_s:.1f} s of the video. The partial results are kept.",
        icon=":material/stop:",
    )
    return st.button("Resume", type="primary", icon=":material/play_arrow:")


def _show_result(result: ClipResult, file: FileInMemory, made: _Request) -> None:
    timeline, name = result.timeline, PurePath(file.name).stem
    show_timeline(timeline, result.peaks, name=name)
    if not len(timeline):
        return
    st.subheader("Annotated video")
    if request_of(_DRAWING) is None:
        if st.button("Create annotated video", icon=":material/animated_images:"):
            work = _drawing_of(file.data, timeline)
            label = _label(f"{short_name(file.name)}, annotated", "Drawing")
            start_job(_DRAWING, made, work, _slots(), label)
            st.rerun()
        st.caption("Created in memory, with boxes, labels and the original sound.")
        return
    drawn: bytes | None = result_of(_DRAWING)
    if drawn is not None:
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
) -> JobFunction[VideoProgress, ClipResult]:
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


def _drawing_of(data: bytes, timeline: VideoTimeline) -> JobFunction[VideoProgress, bytes]:
    def work(report: Callable[[VideoProgress], None], should_stop: Callable[[], bool]) -> bytes:
        file = io.BytesIO()
        whole = annotate_video(data, timeline, file, progress=report, should_stop=should_stop)
        if not whole:
            raise JobCanceled("Stopped before the video was complete.")
        return file.getvalue()

    return work


def _slots() -> FairSlots:
    return slots_of("clips", CLIPS_AT_ONCE)


def _label(title: str, what: str) -> Label:
    return Label(title, partial(_progress_of, what), "upload/upload.py", {"upload_kind": "Video"})


def _progress_of(what: str, progress: VideoProgress | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, f"{what}…"
    pace = progress.frames / progress.elapsed_s if progress.elapsed_s else 0.0
    text = f"{what}: {progress.frames} frames, {pace:.0f} fps"
    if progress.remaining_s is not None:
        text += f", about {progress.remaining_s:.0f} s left"
    return progress.part or 0.0, text
