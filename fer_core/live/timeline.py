"""Who showed what in the last minutes: for each face, stretches of one label."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fer_core.live.session import FrameResult
from fer_core.tracking import is_uninterrupted

if TYPE_CHECKING:
    import pandas as pd

KEPT_S: Final = 180.0
"""How far back a timeline reaches."""

_LONGEST_GAP_S: Final = 0.7
_MOST_STRETCHES: Final = 2000


@dataclass(frozen=True)
class Stretch:
    """One face under one label.

    Attributes:
        track_id: the face.
        label: an expression, or `face_columns.UNCERTAIN`.
        start_s: by the clock of the results.
        end_s: later than `start_s`, or the same for a single frame.
        confidence: mean probability of the label over the frames.
        model: name of the model that gave the label.
        threshold: a label less probable than this was uncertain.
    """

    track_id: int
    label: str
    start_s: float
    end_s: float
    confidence: float
    model: str
    threshold: float


@dataclass(frozen=True)
class Timeline:
    """Some minutes of a live picture.

    Attributes:
        stretches: ordered by their beginning; those of one face do not overlap.
        now_s: the moment that the timeline ends with.
    """

    stretches: tuple[Stretch, ...]
    now_s: float

    @property
    def track_ids(self) -> tuple[int, ...]:
        """The faces, in the order in which they first appeared."""
        return tuple(sorted({stretch.track_id for stretch in self.stretches}))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per stretch; times are seconds before `now_s`, so 0 is now."""
        import pandas as pd  # takes longer to import than the rest of the library

        rows = [
            (
                stretch.track_id,
                stretch.label,
                round(stretch.start_s - self.now_s, 2),
                round(stretch.end_s - self.now_s, 2),
                round(stretch.confidence, 4),
                stretch.model,
                stretch.threshold,
            )
            for stretch in self.stretches
        ]
        columns = ["track_id", "prediction", "start_s", "end_s", "mean_confidence"]
        columns += ["model", "threshold"]
        return pd.DataFrame(rows, columns=columns)


class LiveTimeline:
    """Gathers the stretches while results come in. May be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stretches: deque[_Growing] = deque(maxlen=_MOST_STRETCHES)
        self._newest: dict[int, _Growing] = {}
        self._results = 0

    def add(self, result: FrameResult) -> None:
        """Takes in the next result; a face that is but guessed at adds nothing."""
        now_s, analysis = result.timestamp_s, result.analysis
        with self._lock:
            self._forget(now_s)
            self._results += 1
            for face in analysis.faces:
                if face.is_missed:
                    continue
                label = face.prediction(analysis.threshold)
                called = (label, analysis.model, analysis.threshold)
                growing = self._newest.get(face.track_id)
                if growing is not None and self._is_uninterrupted(growing, now_s):
                    # No hole between this label and the next one.
                    growing.end_s, growing.last_result = now_s, self._results
                    if (growing.label, growing.model, growing.threshold) == called:
                        growing.add(face.confidence)
                        continue
                growing = _Growing(face.track_id, *called, now_s, now_s, self._results)
                growing.add(face.confidence)
                self._newest[face.track_id] = growing
                self._stretches.append(growing)

    def snapshot(self, now_s: float) -> Timeline:
        """Returns the last `KEPT_S` seconds; nothing begins earlier than that."""
        with self._lock:
            self._forget(now_s)
            return Timeline(_frozen(self._stretches, now_s - KEPT_S), now_s)

    def _is_uninterrupted(self, growing: _Growing, now_s: float) -> bool:
        steps = self._results - growing.last_result
        return bool(is_uninterrupted(now_s - growing.end_s, steps, _LONGEST_GAP_S))

    def _forget(self, now_s: float) -> None:
        while self._stretches and self._stretches[0].end_s < now_s - KEPT_S:
            gone = self._stretches.popleft()
            if self._newest.get(gone.track_id) is gone:
                del self._newest[gone.track_id]


@dataclass(eq=False)
class _Growing:
    track_id: int
    label: str
    model: str
    threshold: float
    start_s: float
    end_s: float
    last_result: int
    frames: int = 0
    total: float = 0.0

    def add(self, confidence: float) -> None:
        self.frames += 1
        self.total += confidence


def _frozen(stretches: Iterable[_Growing], since_s: float) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(
            growing.track_id,
            growing.label,
            max(growing.start_s, since_s),
            growing.end_s,
            growing.total / growing.frames,
            growing.model,
            growing.threshold,
        )
        for growing in stretches
        if growing.end_s >= since_s
    )
