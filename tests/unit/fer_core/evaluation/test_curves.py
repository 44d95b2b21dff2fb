from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.evaluation.curves import curve_band, envelope, smoothed
from fer_core.evaluation.history import History

NAN = float("nan")


def run(values: list[float], first: int = 1) -> History:
    epochs = np.arange(first, first + len(values))
    same = np.array(values, np.float64)
    return History(epochs, same, same, same, same, same, same)


def test_smoothing_is_the_debiased_moving_average() -> None:
    values, weight = [0.1, 0.5, 0.2, 0.6], 0.7
    last = 0.0
    expected = []
    for count, value in enumerate(values, 1):
        last = weight * last + (1 - weight) * value
        expected.append(last / (1 - weight**count))
    np.testing.assert_allclose(smoothed(np.array(values), weight), expected)


@given(st.floats(-1e3, 1e3), st.floats(0, 0.99), st.integers(1, 30))
def test_a_constant_stays_as_it_is(value: float, weight: float, count: int) -> None:
    np.testing.assert_allclose(smoothed(np.full(count, value), weight), value, rtol=1e-9)


def test_without_weight_nothing_is_smoothed() -> None:
    values = np.array([0.1, NAN, 0.2])
    np.testing.assert_array_equal(smoothed(values, 0.0), values)


def test_a_missing_value_is_passed_over() -> None:
    with_gap = smoothed(np.array([0.1, NAN, 0.5, 0.2]), 0.6)
    assert np.isnan(with_gap[1])
    np.testing.assert_allclose(with_gap[[0, 2, 3]], smoothed(np.array([0.1, 0.5, 0.2]), 0.6))


@pytest.mark.parametrize("weight", [-0.1, 1.0])
def test_impossible_smoothing_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="smoothing"):
        smoothed(np.array([0.1]), weight)


def test_envelope_looks_to_both_sides() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.5, 9.0])
    low, high = envelope(values, values, 3)
    assert low.tolist() == [1.0, 1.0, 1.0, 1.5, 1.5]
    assert high.tolist() == [3.0, 4.0, 4.0, 9.0, 9.0]


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=40), st.integers(1, 9))
def test_every_value_lies_in_its_envelope(values: list[float], window: int) -> None:
    array = np.array(values)
    low, high = envelope(array, array, window)
    assert (low <= array).all()
    assert (array <= high).all()


def test_an_envelope_needs_a_window() -> None:
    with pytest.raises(ValueError, match="window"):
        envelope(np.zeros(2), np.zeros(2), 0)


def test_a_single_run_without_envelope_has_no_width() -> None:
    band = curve_band([run([0.1, 0.3])], "loss")
    assert not band.has_width
    assert band.mean.tolist() == band.low.tolist() == band.high.tolist() == [0.1, 0.3]
    assert curve_band([run([0.1, 0.3])], "loss", window=3).has_width


def test_runs_together_are_their_mean_between_lowest_and_highest() -> None:
    band = curve_band([run([0.1, 0.2, 0.3]), run([0.3, 0.4]), run([0.5, 0.3])], "val_loss")
    table = band.to_frame()
    assert table["epoch"].tolist() == [1, 2, 3]
    assert table["runs"].tolist() == [3, 3, 1]
    np.testing.assert_allclose(table["mean"], [0.3, 0.3, 0.3])
    assert table["low"].tolist() == [0.1, 0.2, 0.3]
    assert table["high"].tolist() == [0.5, 0.4, 0.3]


def test_epochs_are_matched_by_their_number() -> None:
    band = curve_band([run([1.0, 2.0]), run([4.0, 5.0], first=2)], "loss")
    assert band.epoch.tolist() == [1, 2, 3]
    assert band.mean.tolist() == [1.0, 3.0, 5.0]


def test_the_gap_is_a_curve_of_its_own() -> None:
    history = run([0.5, 0.6])
    assert curve_band([history], "overfit_gap").mean.tolist() == [0.0, 0.0]
