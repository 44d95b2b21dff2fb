"""Temporal smoothing of probabilities, and hysteresis of labels.

Both classes keep one state per track ID of `FaceTracker`, and forget ended tracks with
`keep(tracker.ids)`. Neither is thread-safe.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_S: Final = 0.25
"""Default half-life: after this time a new expression has the same weight as the old one."""

SWITCH_MARGIN: Final = 0.05
"""Hysteresis: a label changes only when another one is ahead by this much."""


class ProbabilitySmoother:
    """An exponential moving average over time, for any frame rate.

    The previous average has the weight `2 ** (-elapsed_s / half_life_s)`, the latest values the
    rest. A face's first values are used unchanged.

    Args:
        half_life_s: half-life in seconds; 0 for no smoothing.
    """

    def __init__(self, half_life_s: float = HALF_LIFE_S) -> None:
        if not half_life_s >= 0:
            raise ValueError(f"half_life_s must not be negative. Received: {half_life_s}")
        self.half_life_s = half_life_s
        self._state: dict[int, tuple[float, NDArray[np.float64]]] = {}

    def update(
        self, ids: Sequence[int], values: NDArray[np.float32], timestamp_s: float
    ) -> NDArray[np.float32]:
        """Adds the latest values of some faces and returns their averages.

        Args:
            ids: n track IDs.
            values: `(n, k)`; rows that sum to 1 still do so in the result.
            timestamp_s: never earlier than the previous time of the same face.
        """
        smooth = np.empty(values.shape, np.float32)
        for row, identity in enumerate(ids):
            new = values[row].astype(np.float64)
            if identity in self._state:
                then_s, old = self._state[identity]
                new += self._old_weight(timestamp_s - then_s) * (old - new)
            self._state[identity] = (timestamp_s, new)
            smooth[row] = new
        return smooth

    def keep(self, ids: Collection[int]) -> None:
        """Forgets all other faces."""
        self._state = {key: state for key, state in self._state.items() if key in ids}

    def _old_weight(self, elapsed_s: float) -> float:
        return 2.0 ** (-elapsed_s / self.half_life_s) if self.half_life_s > 0 else 0.0


class LabelHysteresis:
    """Keeps a face's label until another one is clearly ahead.

    Args:
        margin: the required lead in probability.
    """

    def __init__(self, margin: float = SWITCH_MARGIN) -> None:
        if not 0 <= margin < 1:
            raise ValueError(f"margin must be in [0, 1). Received: {margin}")
        self.margin = margin
        self._state: dict[int, tuple[int, bool]] = {}

    def update(
        self, ids: Sequence[int], probabilities: NDArray[np.float32], threshold: float
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Updates the labels of some faces.

        Args:
            ids: n track IDs.
            probabilities: `(n, k)`, usually from `ProbabilitySmoother`.
            threshold: predictions with a lower probability are `uncertain`.

        Returns:
            n indices of labels, which are not always the most probable ones at the moment; and
            whether their probabilities are below the threshold, or were and are not clearly above
            it yet.
        """
        for identity, row in zip(ids, probabilities, strict=True):
            self._state[identity] = self._held(self._state.get(identity), row, threshold)
        held = [self._state[identity] for identity in ids]
        labels, is_uncertain = ([each[part] for each in held] for part in (0, 1))
        return np.array(labels, np.int64), np.array(is_uncertain, np.bool_)

    def keep(self, ids: Collection[int]) -> None:
        """Forgets all other faces."""
        self._state = {key: state for key, state in self._state.items() if key in ids}

    def _held(
        self, before: tuple[int, bool] | None, row: NDArray[np.float32], threshold: float
    ) -> tuple[int, bool]:
        index, needed = int(row.argmax()), threshold
        if before is not None:
            held, was_uncertain = before
            if row[index] <= row[held] + self.margin:
                index = held
            if was_uncertain:
                needed = max(threshold, min(threshold + self.margin, 1.0))
        # In double precision, like the comparison for photos.
        return index, float(row[index]) < needed
