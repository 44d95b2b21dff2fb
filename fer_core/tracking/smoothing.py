"""Calm results for moving pictures: probabilities averaged over time, labels that do not flicker.

Both classes keep one state for each face, by the identity that `FaceTracker` gave it, and both
forget with `keep(tracker.ids)` the faces that are gone. Neither is for several threads at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_S: Final = 0.25
"""After so long a new expression weighs as much as the old one."""

SWITCH_MARGIN: Final = 0.05
"""A label changes only when another one is ahead by this much."""


class ProbabilitySmoother:
    """An exponential moving average by time, so that frames may come at any pace.

    What was known before weighs `2 ** (-elapsed_s / half_life_s)`, the newest values the rest. A
    face's first values are taken as they are.

    Args:
        half_life_s: 0 changes nothing.
    """

    def __init__(self, half_life_s: float = HALF_LIFE_S) -> None:
        if not half_life_s >= 0:
            raise ValueError(f"half_life_s must not be negative. Received: {half_life_s}")
        self.half_life_s = half_life_s
        self._state: dict[int, tuple[float, NDArray[np.float64]]] = {}

    def update(
        self, ids: Sequence[int], values: NDArray[np.float32], timestamp_s: float
    ) -> NDArray[np.float32]:
        """Takes in the newest values of some faces and returns their averages.

        Args:
            ids: n faces.
            values: `(n, k)`; rows that sum to 1 still do so in the result.
            timestamp_s: never earlier than the last time for the same face.
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


@dataclass(frozen=True)
class HeldLabel:
    """What a face is called.

    Attributes:
        index: of the label; not always the most probable one at this very moment.
        is_uncertain: whether it is to be called uncertain: its probability is below the threshold,
            or has been and is not clearly above it yet.
    """

    index: int
    is_uncertain: bool


class LabelHysteresis:
    """Keeps a face's label until another one is clearly ahead.

    Args:
        margin: how far ahead, as a probability.
    """

    def __init__(self, margin: float = SWITCH_MARGIN) -> None:
        if not 0 <= margin < 1:
            raise ValueError(f"margin must be in [0, 1). Received: {margin}")
        self.margin = margin
        self._state: dict[int, HeldLabel] = {}

    def update(
        self, ids: Sequence[int], probabilities: NDArray[np.float32], threshold: float
    ) -> tuple[HeldLabel, ...]:
        """Names some faces.

        Args:
            ids: n faces.
            probabilities: `(n, k)`, usually from `ProbabilitySmoother`.
            threshold: a label less probable than this is uncertain.
        """
        held = tuple(
            self._name(self._state.get(identity), row, threshold)
            for identity, row in zip(ids, probabilities, strict=True)
        )
        self._state.update(zip(ids, held, strict=True))
        return held

    def keep(self, ids: Collection[int]) -> None:
        """Forgets all other faces."""
        self._state = {key: state for key, state in self._state.items() if key in ids}

    def _name(
        self, before: HeldLabel | None, row: NDArray[np.float32], threshold: float
    ) -> HeldLabel:
        index, needed = int(row.argmax()), threshold
        if before is not None:
            if row[index] <= row[before.index] + self.margin:
                index = before.index
            if before.is_uncertain:
                needed = max(threshold, min(threshold + self.margin, 1.0))
        # In double precision, as a face of a photo is compared with its threshold.
        return HeldLabel(index, float(row[index]) < needed)
