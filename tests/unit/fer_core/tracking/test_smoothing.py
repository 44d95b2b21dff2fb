from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.tracking.smoothing import LabelHysteresis, ProbabilitySmoother

FIRST, SECOND = np.eye(2, 3, dtype=np.float32)
positive = st.floats(0.01, 1.0)
distribution = st.lists(positive, min_size=3, max_size=3).map(
    lambda values: np.array(values, np.float32) / np.float32(sum(values))
)


def row(*values: float) -> NDArray[np.float32]:
    return np.array([values], np.float32)


def test_the_first_values_are_used_unchanged() -> None:
    values = row(0.2, 0.3, 0.5)
    np.testing.assert_array_equal(ProbabilitySmoother(1.0).update([1], values, 5.0), values)


@pytest.mark.parametrize("steps", [1, 3, 10])
def test_after_one_half_life_the_old_expression_has_half_the_weight(steps: int) -> None:
    smoother = ProbabilitySmoother(0.5)
    smoother.update([1], FIRST[None], 0.0)
    for step in range(1, steps + 1):
        smooth = smoother.update([1], SECOND[None], 0.5 * step / steps)
    # Independent of the number of frames in that time.
    np.testing.assert_allclose(smooth, row(0.5, 0.5, 0.0), atol=1e-6)


def test_no_half_life_changes_nothing() -> None:
    smoother = ProbabilitySmoother(0.0)
    smoother.update([1], FIRST[None], 0.0)
    np.testing.assert_array_equal(smoother.update([1], SECOND[None], 0.0), SECOND[None])


def test_faces_do_not_mix() -> None:
    smoother = ProbabilitySmoother(0.5)
    smoother.update([1, 2], np.stack([FIRST, SECOND]), 0.0)
    smooth = smoother.update([2, 1], np.stack([SECOND, FIRST]), 0.1)
    np.testing.assert_allclose(smooth, np.stack([SECOND, FIRST]))


def test_no_face_gives_no_rows() -> None:
    assert ProbabilitySmoother().update([], np.empty((0, 7), np.float32), 0.0).shape == (0, 7)


def test_a_forgotten_face_starts_with_new_averages() -> None:
    smoother = ProbabilitySmoother(10.0)
    smoother.update([1, 2], np.stack([FIRST, FIRST]), 0.0)
    smoother.keep([2])
    smooth = smoother.update([1, 2], np.stack([SECOND, SECOND]), 0.1)
    np.testing.assert_array_equal(smooth[0], SECOND)
    assert smooth[1, 0] > 0.9


def test_a_negative_half_life_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        ProbabilitySmoother(-1.0)


@given(
    st.floats(0, 5),
    st.lists(st.tuples(st.floats(0, 1), distribution), min_size=1, max_size=20),
)
def test_an_average_of_distributions_is_one_and_stays_between_them(
    half_life_s: float, frames: list[tuple[float, NDArray[np.float32]]]
) -> None:
    smoother = ProbabilitySmoother(half_life_s)
    time_s = 0.0
    for step_s, values in frames:
        time_s += step_s
        smooth = smoother.update([1], values[None], time_s)[0]
    seen = np.stack([values for _, values in frames])
    assert smooth.sum() == pytest.approx(1, abs=1e-5)
    assert (smooth >= seen.min(axis=0) - 1e-6).all()
    assert (smooth <= seen.max(axis=0) + 1e-6).all()


def name(holder: LabelHysteresis, *values: float, threshold: float = 0.0) -> tuple[int, bool]:
    (label,), (is_uncertain,) = holder.update([1], row(*values), threshold)
    return int(label), bool(is_uncertain)


def test_a_label_changes_only_when_another_one_is_clearly_ahead() -> None:
    holder = LabelHysteresis(0.1)
    assert name(holder, 0.5, 0.4, 0.1)[0] == 0
    assert name(holder, 0.42, 0.48, 0.1)[0] == 0
    assert name(holder, 0.38, 0.52, 0.1)[0] == 1
    assert name(holder, 0.48, 0.42, 0.1)[0] == 1


def test_two_close_labels_do_not_flicker() -> None:
    holder = LabelHysteresis(0.05)
    noise = np.random.default_rng(0).uniform(-0.02, 0.02, 200)
    named = {name(holder, 0.45 + change, 0.45 - change, 0.1)[0] for change in noise}
    assert len(named) == 1


def test_an_uncertain_face_gets_its_label_back_only_clearly_above_the_threshold() -> None:
    holder = LabelHysteresis(0.05)
    assert not name(holder, 0.6, 0.4, threshold=0.6)[1]
    assert name(holder, 0.59, 0.41, threshold=0.6)[1]
    assert name(holder, 0.62, 0.38, threshold=0.6)[1]
    assert not name(holder, 0.66, 0.34, threshold=0.6)[1]
    assert not name(holder, 0.62, 0.38, threshold=0.6)[1]


def test_certainty_is_never_uncertain() -> None:
    holder = LabelHysteresis(0.05)
    assert name(holder, 0.9, 0.1, threshold=1.0)[1]
    assert not name(holder, 1.0, 0.0, threshold=1.0)[1]


def test_a_face_that_is_gone_loses_its_label() -> None:
    holder = LabelHysteresis(0.3)
    name(holder, 0.6, 0.4)
    holder.keep([])
    assert name(holder, 0.45, 0.55)[0] == 1


def test_an_impossible_margin_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be in \[0, 1\)"):
        LabelHysteresis(1.0)


@given(st.floats(0, 1), st.floats(0, 0.5), st.lists(distribution, min_size=1, max_size=20))
def test_whatever_is_below_the_threshold_is_uncertain(
    threshold: float, margin: float, frames: list[NDArray[np.float32]]
) -> None:
    holder = LabelHysteresis(margin)
    for values in frames:
        (label,), (is_uncertain,) = holder.update([1], values[None], threshold)
        if values[label] < threshold:
            assert is_uncertain
        assert values[label] >= values.max() - margin - 1e-6
