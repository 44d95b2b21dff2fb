"""Controls the cost of live frames, and reduces effort when they are too slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fer_core.faces import LIVE_SIDE

SMALLEST_SIDE: Final = 192
"""Smallest detector input: below this many pixels it misses too many faces."""

_STEPS: Final = ((1.0, 1), (0.8, 2), (0.6, 3), (0.6, 5))
"""From full to least effort: scale of the detection side, factor of its interval."""

_MEMORY_S: Final = 1.0
_LONGEST: Final = 3.0
_SETTLE_S: Final = 1.0
_RELAX_BELOW: Final = 0.5
_FIRST_RELAX_S: Final = 3.0
_LAST_RELAX_S: Final = 60.0


@dataclass(frozen=True)
class Effort:
    """The effort for the next frame.

    Attributes:
        detect_every: faces are detected on every n-th frame and tracked in between.
        detection_side: longest side of the detector input in pixels.
        is_reduced: whether it is less than in the settings, because frames took too long.
    """

    detect_every: int
    detection_side: int
    is_reduced: bool


class EffortController:
    """Lowers the effort when frames exceed their budget, and raises it again when possible.

    It uses a moving average over about a second, so the cost of a detection is shared by the frames
    that it serves; a frame of more than three budgets counts as three. Changes are at least one
    second apart. Raising waits three seconds, and twice as long after each failed attempt, to
    prevent oscillation.

    Args:
        detect_every: at full effort.
        detection_side: at full effort, in pixels.
        budget_ms: average time budget per frame.
    """

    def __init__(
        self, detect_every: int = 2, detection_side: int = LIVE_SIDE, budget_ms: float = 35.0
    ) -> None:
        if detect_every < 1 or detection_side < SMALLEST_SIDE or budget_ms <= 0:
            raise ValueError(
                f"Expected detect_every >= 1, detection_side >= {SMALLEST_SIDE}, budget_ms > 0. "
                f"Received: detect_every={detect_every}, detection_side={detection_side}, "
                f"budget_ms={budget_ms}"
            )
        self._detect_every, self._detection_side = detect_every, detection_side
        self._budget_ms = budget_ms
        self._step = 0
        self._mean_ms: float | None = None
        self._last_s = 0.0
        self._changed_s = 0.0
        self._relax_s = _FIRST_RELAX_S
        self._raised = False

    @property
    def effort(self) -> Effort:
        """The effort for the next frame."""
        share, factor = _STEPS[self._step]
        side = max(SMALLEST_SIDE, round(share * self._detection_side))
        return Effort(factor * self._detect_every, side, is_reduced=self._step > 0)

    def record(self, latency_ms: float, timestamp_s: float) -> None:
        """Records the duration and the time of a frame."""
        latency_ms = min(latency_ms, _LONGEST * self._budget_ms)
        if self._mean_ms is None:
            self._mean_ms, self._changed_s = latency_ms, timestamp_s
        else:
            kept = 2.0 ** (-max(0.0, timestamp_s - self._last_s) / _MEMORY_S)
            self._mean_ms += (1 - kept) * (latency_ms - self._mean_ms)
        self._last_s = timestamp_s
        waited_s = timestamp_s - self._changed_s
        if waited_s < _SETTLE_S:
            return
        if self._mean_ms > self._budget_ms and self._step < len(_STEPS) - 1:
            if self._raised:
                self._relax_s = min(2 * self._relax_s, _LAST_RELAX_S)
            self._change(+1, timestamp_s)
        elif self._mean_ms < _RELAX_BELOW * self._budget_ms and waited_s >= self._relax_s:
            if self._step > 0:
                self._change(-1, timestamp_s)
            else:
                self._relax_s = _FIRST_RELAX_S

    def _change(self, steps: int, timestamp_s: float) -> None:
        self._step += steps
        self._raised = steps < 0
        self._changed_s = timestamp_s
