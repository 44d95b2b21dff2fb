"""Analyzes a video: selects frames, tracks faces and smooths predictions into a timeline."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import InputRejected
from fer_core.recognition import UNCERTAIN_BELOW, Analyzer, Faces
from fer_core.tracking import HALF_LIFE_S, TrackingConfig, TrackingPipeline, face_views
from fer_core.video.observation_log import MemoryCheckpoint, Observation, VideoCheckpoint
from fer_core.video.reader import ClipFacts, ClipFrame, VideoReader
from fer_core.video.timeline import VideoTimeline

MAX_FPS: Final = 1e6
"""More than any camera records."""

_ROUNDING: Final = 1e-6
"""In frames, because frame times are rounded."""


@dataclass(frozen=True)
class VideoSettings:
    """Settings of a video analysis.

    Attributes:
        every: only every n-th frame is analyzed.
        fps: maximum number of frames per second to analyze; None for no limit.
        threshold: predictions with a lower confidence are `uncertain`.
        half_life_s: half-life of the temporal smoothing; 0 for none.
        max_duration_s: longer clips are rejected; None for no limit.

    Raises:
        ValueError: `every`, `fps`, `threshold` or `half_life_s` is out of range.
    """

    every: int = 1
    fps: float | None = None
    threshold: float = UNCERTAIN_BELOW
    half_life_s: float = HALF_LIFE_S
    max_duration_s: float | None = None

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        is_fps = self.fps is None or 0 < self.fps <= MAX_FPS
        is_half_life = 0 <= self.half_life_s < math.inf
        if self.every < 1 or not (is_fps and is_half_life and 0 <= self.threshold <= 1):
            raise ValueError(
                f"Expected every >= 1, 0 < fps <= {MAX_FPS:g}, half_life_s >= 0 and a threshold "
                f"from 0 to 1. Received: {self}"
            )


@dataclass(frozen=True)
class VideoProgress:
    """Progress of a run.

    Attributes:
        frames: number of processed frames.
        part: processed fraction of the clip, from 0 to 1; None if its length is unknown.
        elapsed_s: seconds since the start.
    """

    frames: int
    part: float | None
    elapsed_s: float

    @property
    def remaining_s(self) -> float | None:
        """Estimated remaining seconds; None if unknown."""
        return self.elapsed_s * (1 / self.part - 1) if self.part else None


OnProgress = Callable[[VideoProgress], None]
OnFaces = Callable[[float, NDArray[np.uint8], Faces], None]
"""Called with time and image of an analyzed frame, and its tracked faces."""


def analyze_video(
    source: Path | bytes,
    analyzer: Analyzer,
    settings: VideoSettings | None = None,
    *,
    checkpoint: VideoCheckpoint | MemoryCheckpoint | None = None,
    progress: OnProgress | None = None,
    on_faces: OnFaces | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> VideoTimeline:
    """Detects, tracks and classifies the faces of a clip, with one frame in memory at a time.

    Args:
        source: a file path, or the content of the file.
        analyzer: detects and classifies faces.
        settings: which frames are analyzed, and how predictions are smoothed.
        checkpoint: stores the results of each frame; after an interrupted run, the frames that it
            holds are not analyzed again.
        progress: called after each frame.
        on_faces: called for each analyzed frame, except those from the checkpoint.
        should_stop: called after each frame; if true, the timeline ends there.

    Raises:
        InputRejected: `source` is not a usable video, or not the one of the checkpoint.
    """
    settings = settings or VideoSettings()
    known = iter(()) if checkpoint is None else checkpoint.known(analyzer.classifier)
    columns = _Columns(analyzer, settings)
    stopped = False
    with VideoReader(source, max_duration_s=settings.max_duration_s) as reader:
        clock = ProgressClock(reader.facts)
        for frame in chosen_frames(clock.ticking(reader.frames(), progress), settings):
            observation = next(known, None)
            if observation is None:
                image = frame.image()
                faces = analyzer.analyze(image).without_crops().faces
                observation = Observation(frame.index, frame.timestamp_s, faces)
                if checkpoint is not None:
                    checkpoint.add(observation)
                faces = columns.add(observation, face_views(image, faces.detections))
                if on_faces is not None:
                    on_faces(frame.timestamp_s, image, faces)
            elif (observation.index, observation.timestamp_s) != (frame.index, frame.timestamp_s):
                raise InputRejected(
                    "The unfinished run belongs to another video.", reason="corrupt"
                )
            else:
                columns.add(observation, _views_again(frame, observation.faces))
            if should_stop():
                stopped = True
                break
        return columns.timeline(reader, is_complete=not stopped)


def chosen_frames(frames: Iterator[ClipFrame], settings: VideoSettings) -> Iterator[ClipFrame]:
    """Yields the frames to analyze, always including the first one.

    With `fps` it is the first frame in each interval of `1 / fps` seconds, whatever the clip's own
    frame rate.
    """
    last = -1
    for frame in frames:
        if frame.index % settings.every:
            continue
        if settings.fps is not None:
            interval = int(frame.timestamp_s * settings.fps + _ROUNDING)
            if interval <= last:
                continue
            last = interval
        yield frame


@dataclass
class ProgressClock:
    """Reports progress while passing frames through."""

    facts: ClipFacts
    _started: float = field(default_factory=time.monotonic)

    def ticking(
        self, frames: Iterator[ClipFrame], progress: OnProgress | None
    ) -> Iterator[ClipFrame]:
        """Yields the frames; one counts as processed when the next is requested."""
        for frame in frames:
            yield frame
            if progress is not None:
                length_s = self.facts.duration_s
                part = min(1.0, frame.timestamp_s / length_s) if length_s else None
                elapsed_s = time.monotonic() - self._started
                progress(VideoProgress(frame.index + 1, part, elapsed_s))


def _views_again(frame: ClipFrame, faces: Faces) -> NDArray[np.uint8] | None:
    # A checkpoint stores no images, so the faces are cropped from the frame again.
    return face_views(frame.image(), faces.detections) if faces else None


class _Columns:
    """Tracks the faces and collects the columns of a timeline."""

    def __init__(self, analyzer: Analyzer, settings: VideoSettings) -> None:
        self._analyzer = analyzer
        self._threshold = settings.threshold
        self._pipeline = TrackingPipeline(
            TrackingConfig(threshold=settings.threshold, half_life_s=settings.half_life_s)
        )
        self._frames: list[tuple[int, float]] = []
        self._faces: list[Faces] = []

    def add(self, observation: Observation, views: NDArray[np.uint8] | None) -> Faces:
        faces = self._pipeline.update(observation.faces, observation.timestamp_s, views)
        self._frames.append((observation.index, observation.timestamp_s))
        self._faces.append(faces)
        return faces

    def timeline(self, reader: VideoReader, *, is_complete: bool) -> VideoTimeline:
        card = self._analyzer.classifier.card
        index, times_s = zip(*self._frames, strict=True)
        return VideoTimeline(
            clip=reader.facts,
            counts=reader.counts(),
            is_complete=is_complete,
            model=card.name,
            model_checksum=card.weights.sha256,
            detector=self._analyzer.detector.name,
            threshold=self._threshold,
            frame_index=np.array(index, np.int64),
            frame_timestamp_s=np.array(times_s, np.float64),
            at=np.repeat(np.arange(len(index)), [len(faces) for faces in self._faces]),
            faces=Faces.concatenate(self._faces),
            notices=reader.notices(),
        )
