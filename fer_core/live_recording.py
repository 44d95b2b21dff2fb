"""The results of a live picture, kept from start to stop: numbers only, in memory only."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from fer_core.live import FrameResult

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS: Final = 30_000
"""One row per face and frame: ten minutes of two faces at 25 frames a second."""


@dataclass(frozen=True, eq=False)
class ResultRecording:
    """What was recorded.

    Attributes:
        started: when, with the time zone.
        frames: how many frames were analyzed meanwhile, also those without a face.
        is_full: whether it ended because it reached `MAX_ROWS`.
        rows: one per face and frame; the same columns as `FrameResult.to_frame`, `timestamp_s`
            counted from the start.
    """

    started: datetime
    frames: int
    is_full: bool
    rows: tuple[dict[str, Any], ...]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face and frame; empty cells where models had other labels."""
        import pandas as pd  # takes longer to import than the rest of the library

        return pd.DataFrame(list(self.rows))

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
    """Records results while somebody wants it. May be used by several threads."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._lock = threading.Lock()
        self._max_rows = max_rows
        self._is_recording = False
        self._is_full = False
        self._started = datetime.now().astimezone()
        self._first_s: float | None = None
        self._frames = 0
        self._rows: list[dict[str, Any]] = []

    @property
    def is_recording(self) -> bool:
        """Whether results are being recorded."""
        with self._lock:
            return self._is_recording

    def start(self) -> None:
        """Begins anew; what was recorded before is gone."""
        with self._lock:
            self._is_recording, self._is_full = True, False
            self._started, self._first_s = datetime.now().astimezone(), None
            self._frames, self._rows = 0, []

    def stop(self) -> None:
        """Ends the recording, which stays until the next one."""
        with self._lock:
            self._is_recording = False

    def add(self, result: FrameResult) -> None:
        """Takes in the next result, where something is being recorded; ends when it is full."""
        with self._lock:
            if not self._is_recording:
                return
            if self._first_s is None:
                self._first_s = result.timestamp_s
            self._frames += 1
            for face in result.analysis.faces:
                if len(self._rows) == self._max_rows:
                    self._is_full, self._is_recording = True, False
                    return
                box = dict(zip(("x1", "y1", "x2", "y2"), face.xyxy, strict=True))
                likely = zip(face.labels, face.probabilities.tolist(), strict=True)
                self._rows.append(
                    {
                        "timestamp_s": round(result.timestamp_s - self._first_s, 4),
                        "model": result.analysis.model,
                        "track_id": face.track_id,
                        "label": face.label,
                        "confidence": round(face.confidence, 6),
                        "uncertain": face.is_uncertain(result.analysis.threshold),
                        "missed": face.is_missed,
                        **{name: round(value, 1) for name, value in box.items()},
                        "detection_score": round(face.detection_score, 4),
                        **{f"p_{label}": round(value, 6) for label, value in likely},
                        **{f"p_{unit}": round(p, 6) for unit, p in face.action_units.items()},
                    }
                )

    def recording(self) -> ResultRecording | None:
        """Returns what was recorded up to now; None before the first frame of a recording."""
        with self._lock:
            if not self._frames:
                return None
            return ResultRecording(self._started, self._frames, self._is_full, tuple(self._rows))
