"""Records live results from start to stop: numbers only, in memory only."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fer_core.live.session import FrameResult
from fer_core.recognition import Value, names_of, track_columns

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
        labels: labels of all models that were used.
        action_units: likewise.
        rows: one per face and frame, by the columns of `face_columns.track_columns`; without the
            labels of other models.
    """

    started: datetime
    frames: int
    is_full: bool
    labels: tuple[str, ...]
    action_units: tuple[str, ...]
    rows: tuple[dict[str, Value], ...]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face and frame; empty cells for labels of other models."""
        import pandas as pd  # slow to import

        columns = track_columns(self.labels, self.action_units, is_live=True)
        return pd.DataFrame(list(self.rows), columns=names_of(columns))

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
        self._labels: dict[str, None] = {}  # ordered, as a set is not
        self._units: dict[str, None] = {}
        self._rows: list[dict[str, Value]] = []

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
            self._frames, self._rows = 0, []
            self._labels, self._units = {}, {}

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
            analysis, frame = result.analysis, self._frames
            self._frames += 1
            self._labels |= dict.fromkeys(analysis.labels)
            self._units |= dict.fromkeys(analysis.action_units)
            for face in analysis.faces:
                if len(self._rows) == self._max_rows:
                    self._is_full, self._is_recording = True, False
                    return
                self._rows.append(
                    {
                        "timestamp_s": round(result.timestamp_s - self._first_s, 4),
                        "frame": frame,
                        **face.values(analysis.threshold),
                        **analysis.run,
                    }
                )

    def recording(self) -> ResultRecording | None:
        """Returns the recording so far; None before its first frame."""
        with self._lock:
            if not self._frames:
                return None
            return ResultRecording(
                self._started,
                self._frames,
                self._is_full,
                tuple(self._labels),
                tuple(self._units),
                tuple(self._rows),
            )
