from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.live.effort import SMALLEST_SIDE, Effort, EffortController


def run(
    controller: EffortController, latency_ms: float, *, start_s: float, seconds: float
) -> list[Effort]:
    """Frames at 20 fps that all take the same time."""
    efforts = []
    for frame in range(round(20 * seconds)):
        controller.record(latency_ms, start_s + frame / 20)
        efforts.append(controller.effort)
    return efforts


def test_fast_frames_get_full_effort() -> None:
    controller = EffortController(2, 320, 35.0)
    assert set(run(controller, 10, start_s=0, seconds=30)) == {Effort(2, 320, is_reduced=False)}


def test_slow_frames_reduce_the_effort_step_by_step_within_seconds() -> None:
    controller = EffortController(2, 320, 35.0)
    efforts = run(controller, 80, start_s=100, seconds=6)
    intervals = [effort.detect_every for effort in efforts]
    assert intervals == sorted(intervals)
    assert efforts[15].detect_every == 2  # at least one second between changes
    assert efforts[-1] == Effort(10, 192, is_reduced=True)


def test_one_slow_frame_changes_nothing() -> None:
    controller = EffortController(2, 320, 35.0)
    run(controller, 10, start_s=0, seconds=5)
    controller.record(300, 5.02)
    assert not controller.effort.is_reduced


def test_effort_comes_back_when_there_is_room() -> None:
    controller = EffortController(2, 320, 35.0)
    run(controller, 80, start_s=0, seconds=10)
    efforts = run(controller, 5, start_s=10, seconds=20)
    assert efforts[-1] == Effort(2, 320, is_reduced=False)


def test_attempts_that_fail_become_rarer() -> None:
    controller = EffortController(1, 320, 35.0)
    attempts, time_s = [], 0.0
    for _ in range(20 * 120):  # full effort takes too long, the next step far less than half
        before = controller.effort.is_reduced
        controller.record(15.0 if controller.effort.is_reduced else 60.0, time_s)
        time_s += 0.05
        if before and not controller.effort.is_reduced:
            attempts.append(time_s)
    gaps = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    assert 2 <= len(attempts) <= 8
    assert gaps == sorted(gaps)


@pytest.mark.parametrize("wrong", [(0, 320, 35.0), (1, SMALLEST_SIDE - 1, 35.0), (1, 320, 0.0)])
def test_impossible_settings_are_refused(wrong: tuple[int, int, float]) -> None:
    with pytest.raises(ValueError, match="Expected detect_every >= 1"):
        EffortController(*wrong)


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(SMALLEST_SIDE, 640),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1000)), max_size=200),
)
def test_effort_is_never_more_than_asked_for_and_never_too_small(
    detect_every: int, side: int, frames: list[tuple[float, float]]
) -> None:
    controller = EffortController(detect_every, side, 35.0)
    time_s = 0.0
    for step_s, latency_ms in frames:
        time_s += step_s
        controller.record(latency_ms, time_s)
        assert controller.effort.detect_every >= detect_every
        assert SMALLEST_SIDE <= controller.effort.detection_side <= side
        assert controller.effort.is_reduced == (controller.effort.detect_every > detect_every)
