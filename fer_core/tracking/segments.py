"""Run-length encoding of labels over time: who showed what from when to when.

>>> segments_of([0.0, 0.1, 0.2, 9.0], [0, 1, 2, 3], ["sad", "sad", "happy", "happy"], 1.0)
[Segment(label='sad', start_s=0.0, end_s=0.1, first=0, count=2), ...]
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fer_core.tracking.sampling import is_long_enough, is_uninterrupted

Label = TypeVar("Label", bound=Hashable)


@dataclass(frozen=True)
class Segment(Generic[Label]):
    """One face with one label, without a gap.

    Attributes:
        label: in every sample.
        start_s: time of the first sample.
        end_s: time of the last one; or where the next label begins, if the encoder was told so.
        first: index of the first sample among all of the face.
        count: how many samples there are, at least 1.
    """

    label: Label
    start_s: float
    end_s: float
    first: int
    count: int


class SegmentEncoder(Generic[Label]):
    """Turns the samples of one face into segments while they come in.

    Args:
        longest_gap_s: a face that is missed for longer begins a new segment when it comes back, as
            `sampling.is_uninterrupted` defines it.
        is_closed: whether a segment lasts until the next label begins, instead of leaving a hole
            of one step between them.
    """

    def __init__(self, longest_gap_s: float, *, is_closed: bool = False) -> None:
        self._longest_gap_s = longest_gap_s
        self._is_closed = is_closed
        self._label: Label  # that of the newest sample
        self._start_s = self._last_s = 0.0
        self._last_frame = self._first = self._count = 0

    @property
    def segment(self) -> Segment[Label]:
        """The one that the newest sample belongs to; there is none before the first."""
        return self._until(self._last_s)

    def is_over(self, timestamp_s: float, frame: int) -> bool:
        """Tells whether a sample on this frame would begin a new segment whatever its label is.

        Args:
            timestamp_s: when the frame was taken.
            frame: its number among the analyzed frames.

        Raises:
            ValueError: the frame is not later than that of the newest sample.
        """
        if not self._count:
            return True
        steps, gap_s = frame - self._last_frame, timestamp_s - self._last_s
        if steps < 1 or not gap_s >= 0:
            raise ValueError(
                "Expected samples in order of time, at most one for each frame. Received: frame "
                f"{frame} at {timestamp_s} s after frame {self._last_frame} at {self._last_s} s"
            )
        return not is_uninterrupted(gap_s, steps, self._longest_gap_s)

    def add(self, timestamp_s: float, frame: int, label: Label) -> Segment[Label] | None:
        """Takes in the next sample, and returns the segment that it ends, if it ends one.

        Args:
            timestamp_s: when the frame was taken.
            frame: its number among the analyzed frames.
            label: what the face shows.

        Raises:
            ValueError: the frame is not later than that of the newest sample.
        """
        is_over = self.is_over(timestamp_s, frame)
        ended = None
        if is_over or label != self._label:
            if self._count:
                is_closed = self._is_closed and not is_over
                ended = self._until(timestamp_s if is_closed else self._last_s)
            self._label, self._start_s = label, timestamp_s
            self._first, self._count = self._first + self._count, 0
        self._last_s, self._last_frame = timestamp_s, frame
        self._count += 1
        return ended

    def _until(self, end_s: float) -> Segment[Label]:
        return Segment(self._label, self._start_s, end_s, self._first, self._count)


def segments_of(
    timestamp_s: Iterable[float],
    frame: Iterable[int],
    label: Iterable[Label],
    longest_gap_s: float,
    *,
    shortest_s: float = 0.0,
) -> list[Segment[Label]]:
    """Turns the samples of one face into segments, in order of time.

    Args:
        timestamp_s: n times, ascending.
        frame: n numbers of analyzed frames, ascending: the face was missed on those left out.
        label: n labels.
        longest_gap_s: as for `SegmentEncoder`.
        shortest_s: shorter segments are left out, as `sampling.is_long_enough` defines it.

    Raises:
        ValueError: the samples are not in order of time, or not as many of each are given.
    """
    encoder: SegmentEncoder[Label] = SegmentEncoder(longest_gap_s)
    samples = zip(timestamp_s, frame, label, strict=True)
    ended = [encoder.add(*sample) for sample in samples]
    segments = [each for each in ended if each is not None]
    if ended:
        segments.append(encoder.segment)
    return [each for each in segments if is_long_enough(each.end_s - each.start_s, shortest_s)]
