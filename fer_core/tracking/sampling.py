"""What can be inferred from a video of which only some frames were analyzed.

Nominal frame rates and actual frame times differ: 30 frames of a clip at 29.97 fps last 1.001 s,
and cameras and recorders drop frames. So gaps are measured in steps between analyzed frames, and no
common sampling rate lies on a limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

COARSEST_STEP_S: Final = 2.5
"""Frames farther apart say nothing about what was held between them: facial expressions usually
last half a second to four seconds (Ekman 2003, Emotions Revealed), so even a long one is seen
only once."""

SHORTEST_EVENT_S: Final = 0.5
"""Shorter expressions are not events."""

TOLERANCE: Final = 0.02
"""Relative tolerance of time limits: frame rates and timestamps are not exact."""


@overload
def is_uninterrupted(gap_s: float, steps: int, longest_gap_s: float) -> bool: ...


@overload
def is_uninterrupted(
    gap_s: NDArray[np.float64], steps: NDArray[np.int64], longest_gap_s: float
) -> NDArray[np.bool_]: ...


def is_uninterrupted(
    gap_s: NDArray[np.float64] | float, steps: NDArray[np.int64] | int, longest_gap_s: float
) -> NDArray[np.bool_] | bool:
    """Returns whether a face stayed in view between two sightings, as far as the frames show.

    Sightings on consecutive analyzed frames belong together unless the frames are more than
    `COARSEST_STEP_S` apart. With frames in between that do not show the face, the gap is rounded to
    whole steps: half a step more than `longest_gap_s` is allowed.

    Args:
        gap_s: time between the sightings.
        steps: distance in analyzed frames, at least 1.
        longest_gap_s: a face that is missed for longer was away.

    Returns:
        A boolean of the shape of the arguments.
    """
    # Operators that work on numbers and arrays: NumPy functions are ten times slower for one
    # number.
    neighbors = gap_s <= max(COARSEST_STEP_S, longest_gap_s)
    apart = gap_s * (1 - 0.5 / steps) <= longest_gap_s * (1 + TOLERANCE)
    return ((steps == 1) & neighbors) | ((steps != 1) & apart)


def is_long_enough(duration_s: float, shortest_s: float) -> bool:
    """Returns whether a duration is at least `shortest_s`, with a tolerance for frame times."""
    return duration_s >= shortest_s * (1 - TOLERANCE)


@dataclass(frozen=True)
class Sampling:
    """How densely a clip was sampled, by the times of the analyzed frames.

    Attributes:
        frames: number of analyzed frames.
        step_s: time-weighted median of the seconds between consecutive analyzed frames. None for
            fewer than two frames.
        span_s: seconds from the first frame to the last one.
        uncovered_s: seconds in steps longer than `COARSEST_STEP_S`.
    """

    frames: int
    step_s: float | None
    span_s: float
    uncovered_s: float

    @classmethod
    def of_times(cls, timestamp_s: NDArray[np.float64]) -> Sampling:
        """Describes the sampling of frames with these times, `(m,)`, in ascending order."""
        steps = np.sort(np.diff(timestamp_s))
        if not len(steps):
            return cls(len(timestamp_s), None, 0.0, 0.0)
        elapsed = np.cumsum(steps)
        # Weighted by time: many frames at one moment say nothing about the rest of the clip.
        middle = int(np.searchsorted(elapsed, elapsed[-1] / 2))
        uncovered_s = float(steps[steps > COARSEST_STEP_S].sum())
        return cls(len(timestamp_s), float(steps[middle]), float(elapsed[-1]), uncovered_s)

    @property
    def is_too_coarse(self) -> bool:
        """Whether the sampling is too coarse for held expressions in most of the clip."""
        return self.step_s is None or self.step_s > COARSEST_STEP_S

    @property
    def detectable_s(self) -> float | None:
        """An expression held for this long is always found as an event; None if too coarse."""
        if self.step_s is None or self.is_too_coarse:
            return None
        if self.step_s == 0:
            return SHORTEST_EVENT_S
        steps = math.ceil(SHORTEST_EVENT_S / self.step_s * (1 - TOLERANCE))
        return (steps + 1) * self.step_s

    @property
    def notice(self) -> str | None:
        """A notice about the sampling for readers of events; None if it is dense enough."""
        if self.step_s is None:
            return "Only one frame was analyzed, which cannot show whether an expression was held."
        if self.is_too_coarse:
            return (
                f"The analyzed frames are {self.step_s:.1f} s apart, too far to tell whether an "
                f"expression was held. Expected: {COARSEST_STEP_S:g} s or less. Analyze more "
                "frames per second if the video has them."
            )
        sentences = []
        if self.step_s > SHORTEST_EVENT_S * (1 + TOLERANCE):
            sentences.append(
                f"The analyzed frames are {self.step_s:.1f} s apart: expressions shorter than "
                f"{self.detectable_s:.1f} s can be missed, and so can changes between two frames."
            )
        if self.uncovered_s:
            sentences.append(
                f"In {self.uncovered_s:.1f} of {self.span_s:.1f} s the analyzed frames are more "
                f"than {COARSEST_STEP_S:g} s apart: there, nothing can be said about held "
                "expressions."
            )
        return " ".join(sentences) or None

    def to_dict(self) -> dict[str, float | int | bool | str | None]:
        """Returns everything as plain JSON values."""
        return {
            "frames": self.frames,
            "step_s": _rounded(self.step_s),
            "span_s": _rounded(self.span_s),
            "uncovered_s": _rounded(self.uncovered_s),
            "is_too_coarse": self.is_too_coarse,
            "detectable_s": _rounded(self.detectable_s),
            "notice": self.notice,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
