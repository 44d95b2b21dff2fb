from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.tracking.sampling import is_uninterrupted
from fer_core.tracking.segments import Segment, SegmentEncoder, segments_of

GAP_S = 1.0


def spans(segments: list[Segment[str]]) -> list[tuple[str, float, float]]:
    return [(each.label, each.start_s, each.end_s) for each in segments]


def test_no_sample_is_no_segment() -> None:
    assert segments_of([], [], [], GAP_S) == []


def test_one_sample_is_a_segment_without_length() -> None:
    assert segments_of([2.5], [7], ["sad"], GAP_S) == [Segment("sad", 2.5, 2.5, 0, 1)]


def test_each_label_that_holds_is_one_segment() -> None:
    times = [0.0, 0.1, 0.2, 0.3, 0.4]
    segments = segments_of(times, range(5), ["sad", "sad", "happy", "sad", "sad"], GAP_S)
    assert spans(segments) == [("sad", 0.0, 0.1), ("happy", 0.2, 0.2), ("sad", 0.3, 0.4)]
    assert [(each.first, each.count) for each in segments] == [(0, 2), (2, 1), (3, 2)]


@pytest.mark.parametrize(
    ("times", "frames", "count"),
    [
        ([0.0, 0.9], [0, 9], 1),  # missed for less than the longest gap
        ([0.0, 1.2], [0, 12], 2),
        ([0.0, 2.4], [0, 1], 1),  # neighbors, as far as the frames show
        ([0.0, 2.6], [0, 1], 2),
        ([0.0, 2.0, 2.0], [0, 1, 2], 1),  # two frames of one time
    ],
)
def test_a_gap_ends_a_segment(times: list[float], frames: list[int], count: int) -> None:
    assert len(segments_of(times, frames, ["sad"] * len(times), GAP_S)) == count


def test_short_segments_can_be_left_out() -> None:
    times = [0.0, 0.1, 0.2, 0.7, 0.8]
    labels = ["sad", "happy", "happy", "happy", "sad"]
    kept = segments_of(times, range(5), labels, GAP_S, shortest_s=0.6)
    assert spans(kept) == [("happy", 0.1, 0.7)]


@pytest.mark.parametrize(
    ("times", "frames"),
    [([0.2, 0.1], [0, 1]), ([0.1, 0.2], [1, 0]), ([0.1, 0.2], [1, 1]), ([0.1, np.nan], [0, 1])],
)
def test_samples_that_are_not_in_order_of_time_are_refused(
    times: list[float], frames: list[int]
) -> None:
    with pytest.raises(ValueError, match="in order of time"):
        segments_of(times, frames, ["sad", "sad"], GAP_S)


def test_as_many_labels_as_times_are_needed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        segments_of([0.0, 0.1], [0, 1], ["sad"], GAP_S)


def test_the_current_segment_is_known_while_samples_arrive() -> None:
    encoder: SegmentEncoder[str] = SegmentEncoder(GAP_S)
    assert encoder.is_over(0.0, 0)
    assert encoder.add(0.0, 0, "sad") is None
    assert encoder.add(0.1, 1, "sad") is None
    assert encoder.segment == Segment("sad", 0.0, 0.1, 0, 2)
    assert not encoder.is_over(0.5, 5)
    assert encoder.is_over(1.5, 15)
    assert encoder.add(0.5, 5, "happy") == Segment("sad", 0.0, 0.1, 0, 2)
    assert encoder.segment == Segment("happy", 0.5, 0.5, 2, 1)


def test_segments_may_be_closed_so_that_there_are_no_holes_between_labels() -> None:
    encoder: SegmentEncoder[str] = SegmentEncoder(GAP_S, is_closed=True)
    encoder.add(0.0, 0, "sad")
    assert encoder.add(0.5, 1, "happy") == Segment("sad", 0.0, 0.5, 0, 1)
    assert encoder.add(9.0, 2, "sad") == Segment("happy", 0.5, 0.5, 1, 1)  # a gap is kept


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from([0.1, 0.7, 3.0]), st.integers(1, 3)),
        max_size=30,
    )
)
def test_segments_are_the_longest_runs_that_nothing_interrupts(
    samples: list[tuple[str, float, int]],
) -> None:
    labels = [label for label, _, _ in samples]
    times = np.cumsum([step_s for _, step_s, _ in samples])
    frames = np.cumsum([steps for _, _, steps in samples]).astype(np.int64)
    segments = segments_of(times.tolist(), frames.tolist(), labels, GAP_S)
    # The same for all samples at once.
    joined = is_uninterrupted(np.diff(times), np.diff(frames), GAP_S)
    is_first = [True, *(np.array(labels[1:]) != np.array(labels[:-1])) | ~joined]
    starts = np.flatnonzero(is_first[: len(labels)]).tolist()
    assert [each.first for each in segments] == starts
    assert sum(each.count for each in segments) == len(samples)
    assert [each.label for each in segments] == [labels[start] for start in starts]
