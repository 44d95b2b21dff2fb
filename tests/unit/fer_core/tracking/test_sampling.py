"""Results for a clip depend on the analyzed frames, not on nominal rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from fer_core.tracking.sampling import COARSEST_STEP_S, Sampling, is_long_enough, is_uninterrupted

NTSC = 1.001
"""Frames of a clip at 29.97 fps last this much longer than at 30."""


def described(times_s: ArrayLike) -> Sampling:
    return Sampling.of_times(np.asarray(times_s, np.float64))


@pytest.mark.parametrize("step_s", [1 / 30, 0.1, 0.2, 0.25, 0.5, 1.0, 1 / 0.9, 1.5, 2.0])
@pytest.mark.parametrize("missed", range(8))
def test_the_same_holds_at_29_97_and_at_30_fps(step_s: float, missed: int) -> None:
    steps = missed + 1
    exact = is_uninterrupted(steps * step_s, steps, 1.0)
    assert exact == is_uninterrupted(steps * step_s * NTSC, steps, 1.0)
    assert exact == is_uninterrupted(steps * step_s / NTSC, steps, 1.0)


def test_neighboring_frames_belong_together_unless_they_are_too_far_apart() -> None:
    assert is_uninterrupted(2.0 * NTSC, 1, 1.0)
    assert not is_uninterrupted(3.0, 1, 1.0)
    assert is_uninterrupted(3.0, 1, 4.0)


def test_a_face_that_is_missed_for_longer_was_away() -> None:
    assert is_uninterrupted(0.9, 9, 1.0)
    assert not is_uninterrupted(1.2, 12, 1.0)
    assert not is_uninterrupted(2.0, 2, 1.0)


@pytest.mark.parametrize("first_s", [0.0, 11.94, 1e4])
def test_half_a_second_is_half_a_second_however_times_are_rounded(first_s: float) -> None:
    assert is_long_enough(first_s + 0.5 / NTSC - first_s, 0.5)
    assert not is_long_enough(0.45, 0.5)


def test_a_dense_clip_needs_no_notice() -> None:
    sampling = described(np.arange(90) / 30)
    assert (sampling.is_too_coarse, sampling.notice, sampling.uncovered_s) == (False, None, 0.0)
    assert sampling.detectable_s == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("step_s", "detectable_s"), [(NTSC, 2.0), (2 * NTSC, 4.0)])
def test_sparse_frames_come_with_what_they_can_miss(step_s: float, detectable_s: float) -> None:
    sampling = described(np.arange(10) * step_s)
    assert not sampling.is_too_coarse
    assert sampling.detectable_s == pytest.approx(detectable_s, rel=0.01)
    assert f"expressions shorter than {detectable_s:.1f} s can be missed" in str(sampling.notice)


@pytest.mark.parametrize("times", [np.arange(8) * 5.0, np.zeros(1)])
def test_too_coarse_sampling_is_reported_and_claims_nothing(times: ArrayLike) -> None:
    sampling = described(times)
    assert sampling.is_too_coarse
    assert sampling.detectable_s is None
    assert "whether an expression was held" in str(sampling.notice)


def test_a_hole_in_a_dense_clip_is_named() -> None:
    times = np.arange(300) / 30
    sampling = described(np.concatenate([times, 15 + times]))
    assert not sampling.is_too_coarse
    assert "In 5.0 of 25.0 s" in str(sampling.notice)


def test_many_frames_of_one_moment_do_not_hide_that_the_rest_is_sparse() -> None:
    sampling = described(np.concatenate([np.arange(300) / 30, 10 + np.arange(30) * 5.0]))
    assert sampling.is_too_coarse


def test_frames_of_one_time_are_no_problem() -> None:
    assert described(np.zeros(5)).detectable_s == 0.5


@given(
    st.floats(0.01, COARSEST_STEP_S),
    st.floats(0, 1),
    st.floats(0, 3),
)
def test_whatever_is_held_for_the_detectable_time_is_an_event(
    step_s: float, phase: float, longer_s: float
) -> None:
    times = np.arange(1000) * step_s
    detectable_s = described(times).detectable_s
    assert detectable_s is not None
    begin_s = (1 + phase) * step_s
    end_s = begin_s + detectable_s * (1 + 1e-6) + longer_s
    shown = times[(times >= begin_s) & (times <= end_s)]
    assert is_long_enough(float(shown[-1] - shown[0]), 0.5)
    assert is_uninterrupted(np.diff(shown), np.ones(len(shown) - 1, np.int64), 1.0).all()
