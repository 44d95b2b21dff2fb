"""Records live results from start to stop: numbers only, in memory only."""

from __future__ import annotations

import dataclasses
import json
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from fer_core.live.session import FrameResult
from fer_core.recognition import (
    Faces,
    ImageAnalysis,
    Row,
    face_table,
    names_of,
    rows_of,
    track_columns,
)

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS: Final = 30_000
"""One row per face and frame: ten minutes of two faces at 25 fps."""


@dataclass(frozen=True, eq=False)
class ResultRecording:
    """A recording of live results.

    Attributes:
        started: start time, with time zone.
        frames: number of analyzed frames, including those without a face.
        is_full: whether it stopped at `MAX_ROWS`.
        analyses: index, seconds from the start and result, without crops, of each frame with faces
            and of the first one of each model.
    """

    started: datetime
    frames: int
    is_full: bool
    analyses: tuple[tuple[int, float, ImageAnalysis], ...]

    def __len__(self) -> int:
        return sum(len(analysis.faces) for _, _, analysis in self.analyses)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One per face and frame, by the columns of `face_columns.track_columns`.

        They are without the labels of other models.
        """
        rows: list[Row] = []
        for _, of_run in groupby(self.analyses, key=lambda each: each[2].run):
            frames, times_s, analyses = zip(*of_run, strict=True)
            faces = Faces.concatenate([analysis.faces for analysis in analyses])
            counts = [len(analysis.faces) for analysis in analyses]
            place = {"timestamp_s": np.repeat(times_s, counts), "frame": np.repeat(frames, counts)}
            columns = track_columns(faces.labels, faces.action_units, is_live=True)
            rows += rows_of(face_table(faces, names_of(columns), place, analyses[0]))
        return tuple(rows)

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face and frame; empty cells for labels of other models."""
        import pandas as pd  # slow to import

        of_models = [analysis.faces for _, _, analysis in self.analyses]
        labels = dict.fromkeys(name for faces in of_models for name in faces.labels)
        units = dict.fromkeys(name for faces in of_models for name in faces.action_units)
        columns = track_columns([*labels], [*units], is_live=True)
        return pd.DataFrame(self.rows, columns=names_of(columns))

    def to_csv(self) -> str:
        """Returns the table as CSV text."""
        return self.to_frame().to_csv(index=False)

    def to_json(self) -> str:
        """Returns everything as JSON text."""
        return json.dumps(
            {
                "started": self.started.isoformat(timespec="milliseconds"),
                "frames": self.frames,
                "is_full": self.is_full,
                "faces": self.rows,
            }
        )


class ResultRecorder:
    """Records results from start to stop. Thread-safe."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._lock = threading.Lock()
        self._max_rows = max_rows
        self._is_recording = False
        self._is_full = False
        self._started = datetime.now().astimezone()
        self._first_s: float | None = None
        self._frames = 0
        self._analyses: list[tuple[int, float, ImageAnalysis]] = []
        self._rows = 0

    @property
    def is_recording(self) -> bool:
        """Whether results are being recorded."""
        with self._lock:
            return self._is_recording

    def start(self) -> None:
        """Starts a new recording; discards the previous one."""
        with self._lock:
            self._is_recording, self._is_full = True, False
            self._started, self._first_s = datetime.now().astimezone(), None
            self._frames, self._rows, self._analyses = 0, 0, []

    def stop(self) -> None:
        """Stops the recording, which is kept until the next one."""
        with self._lock:
            self._is_recording = False

    def add(self, result: FrameResult) -> None:
        """Adds the next result while recording; stops when full."""
        with self._lock:
            if not self._is_recording:
                return
            if self._first_s is None:
                self._first_s = result.timestamp_s
            analysis, frame = result.analysis.without_crops(), self._frames
            self._frames += 1
            faces = analysis.faces[: self._max_rows - self._rows]
            if len(faces) < len(analysis.faces):
                self._is_full, self._is_recording = True, False
            self._rows += len(faces)
            if faces or not self._analyses or self._analyses[-1][2].run != analysis.run:
                time_s = round(result.timestamp_s - self._first_s, 4)
                self._analyses.append((frame, time_s, dataclasses.replace(analysis, faces=faces)))

    def recording(self) -> ResultRecording | None:
        """Returns the recording so far; None before its first frame."""
        with self._lock:
            if not self._frames:
                return None
            analyses = tuple(self._analyses)
            return ResultRecording(self._started, self._frames, self._is_full, analyses)
