"""Run-length encoding of labels over time.

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
    """One face with one label, without gaps.

    Attributes:
        label: in every sample.
        start_s: time of the first sample.
        end_s: time of the last sample; or the start of the next label, if the encoder is closed.
        first: index of the first sample among all samples of the face.
        count: number of samples, at least 1.
    """

    label: Label
    start_s: float
    end_s: float
    first: int
    count: int


class SegmentEncoder(Generic[Label]):
    """Converts the samples of one face into segments as they arrive.

    Args:
        longest_gap_s: a face that is missed for longer starts a new segment when it returns, see
            `sampling.is_uninterrupted`.
        is_closed: whether a segment lasts until the next label begins, without a gap of one step
            between them.
    """

    def __init__(self, longest_gap_s: float, *, is_closed: bool = False) -> None:
        self._longest_gap_s = longest_gap_s
        self._is_closed = is_closed
        self._label: Label  # of the latest sample
        self._start_s = self._last_s = 0.0
        self._last_frame = self._first = self._count = 0

    @property
    def segment(self) -> Segment[Label]:
        """The segment of the latest sample; None before the first sample."""
        return self._until(self._last_s)

    def is_over(self, timestamp_s: float, frame: int) -> bool:
        """Returns whether a sample on this frame would start a new segment whatever its label.

        Args:
            timestamp_s: time of the frame.
            frame: its index among the analyzed frames.

        Raises:
            ValueError: the frame is not later than that of the latest sample.
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
        """Adds the next sample, and returns the segment that it ends, if any.

        Args:
            timestamp_s: time of the frame.
            frame: its index among the analyzed frames.
            label: label of the face.

        Raises:
            ValueError: the frame is not later than that of the latest sample.
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
    """Converts the samples of one face into segments, in order of time.

    Args:
        timestamp_s: n times, ascending.
        frame: n indices of analyzed frames, ascending; the face was missed on the others.
        label: n labels.
        longest_gap_s: as for `SegmentEncoder`.
        shortest_s: shorter segments are left out, see `sampling.is_long_enough`.

    Raises:
        ValueError: the samples are not in order of time, or the lengths differ.
    """
    encoder: SegmentEncoder[Label] = SegmentEncoder(longest_gap_s)
    samples = zip(timestamp_s, frame, label, strict=True)
    ended = [encoder.add(*sample) for sample in samples]
    segments = [each for each in ended if each is not None]
    if ended:
        segments.append(encoder.segment)
    return [each for each in segments if is_long_enough(each.end_s - each.start_s, shortest_s)]
