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
from fer_core.faces import Detections
from fer_core.recognition import UNCERTAIN_BELOW, Analyzer
from fer_core.tracking import (
    HALF_LIFE_S,
    SmoothedPredictions,
    TrackingConfig,
    TrackingPipeline,
    face_views,
)
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
OnFaces = Callable[[float, NDArray[np.uint8], Detections, SmoothedPredictions], None]
"""Called with time and image of an analyzed frame, its detections, and its tracked faces."""


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
    known = iter(()) if checkpoint is None else checkpoint.known()
    columns = _Columns(analyzer, settings)
    stopped = False
    with VideoReader(source, max_duration_s=settings.max_duration_s) as reader:
        clock = ProgressClock(reader.facts)
        for frame in chosen_frames(clock.ticking(reader.frames(), progress), settings):
            observation = next(known, None)
            if observation is None:
                image = frame.image()
                observation = _observe(frame, image, analyzer)
                if checkpoint is not None:
                    checkpoint.add(observation)
                faces = columns.add(observation, face_views(image, observation.detections))
                if on_faces is not None:
                    on_faces(frame.timestamp_s, image, observation.detections, faces)
            elif (observation.index, observation.timestamp_s) != (frame.index, frame.timestamp_s):
                raise InputRejected(
                    "The unfinished run belongs to another video.", reason="corrupt"
                )
            else:
                columns.add(observation, _views_again(frame, observation.detections))
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


def _observe(frame: ClipFrame, image: NDArray[np.uint8], analyzer: Analyzer) -> Observation:
    faces = analyzer.analyze(image).faces
    outputs = len(analyzer.classifier.labels) + len(analyzer.classifier.action_units)
    values = np.empty((len(faces), outputs), np.float32)
    for row, face in zip(values, faces, strict=True):
        row[:] = (*face.probabilities, *face.action_units.values())
    points = [face.landmarks for face in faces if face.landmarks is not None]
    detections = Detections(
        np.array([face.xyxy for face in faces], np.float32).reshape(-1, 4),
        np.array([face.detection_score for face in faces], np.float32),
        np.stack(points) if points else None,
    )
    return Observation(frame.index, frame.timestamp_s, detections, values)


def _views_again(frame: ClipFrame, detections: Detections) -> NDArray[np.uint8] | None:
    # A checkpoint stores no images, so the faces are cropped from the frame again.
    return face_views(frame.image(), detections) if len(detections) else None


class _Columns:
    """Tracks the faces and collects the columns of a timeline."""

    def __init__(self, analyzer: Analyzer, settings: VideoSettings) -> None:
        self._analyzer = analyzer
        self._threshold = settings.threshold
        self._classes = len(analyzer.classifier.labels)
        self._pipeline = TrackingPipeline(
            TrackingConfig(threshold=settings.threshold, half_life_s=settings.half_life_s)
        )
        self._observations: list[Observation] = []
        self._faces: list[SmoothedPredictions] = []

    def add(self, observation: Observation, views: NDArray[np.uint8] | None) -> SmoothedPredictions:
        found, outputs = observation.detections, observation.outputs
        faces = self._pipeline.update(found, outputs, self._classes, observation.timestamp_s, views)
        self._observations.append(observation)
        self._faces.append(faces)
        return faces

    def timeline(self, reader: VideoReader, *, is_complete: bool) -> VideoTimeline:
        classifier = self._analyzer.classifier
        frames, faces = self._observations, self._faces
        held = [label for each in faces for label in each.held]
        return VideoTimeline(
            clip=reader.facts,
            counts=reader.counts(),
            is_complete=is_complete,
            labels=classifier.labels,
            action_units=classifier.action_units,
            model=classifier.card.name,
            model_checksum=classifier.card.weights.sha256,
            detector=self._analyzer.detector.name,
            threshold=self._threshold,
            frame_index=np.array([each.index for each in frames], np.int64),
            frame_timestamp_s=np.array([each.timestamp_s for each in frames], np.float64),
            at=np.repeat(np.arange(len(faces)), [len(each.track_ids) for each in faces]),
            track=np.array([each for face in faces for each in face.track_ids], np.int64),
            xyxy=np.concatenate([each.detections.xyxy for each in frames]),
            detection_score=np.concatenate([each.detections.score for each in frames]),
            probabilities=np.concatenate([each.probabilities for each in faces]),
            unit_probabilities=np.concatenate([each.action_units for each in faces]),
            label=np.array([each.index for each in held], np.int64),
            is_uncertain=np.array([each.is_uncertain for each in held], np.bool_),
            notices=reader.notices(),
        )
