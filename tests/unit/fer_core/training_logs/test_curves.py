from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.training_logs.curves import curve_band, envelope, initial_view, smoothed
from fer_core.training_logs.history import Curve, History

NAN = float("nan")
WILD = [456.6, 345.3, 38.3, 4.9, 1.7, 1.2, 1.1, 1.1]
CALM = [1.9, 1.5, 1.2, 1.0, 0.9, 0.9, 0.8, 0.8]


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


def test_a_wild_beginning_leaves_the_first_view_and_flattens_no_other_curve() -> None:
    bands = {name: curve_band([run(loss)], "val_loss") for name, loss in (("a", WILD), ("b", CALM))}
    view = initial_view(bands, "val_loss")
    assert view is not None
    assert (view.low, view.high) == (0.8, 1.9)
    assert view.beyond == {"a": 456.6}
    assert bands["a"].to_frame()["mean"].tolist() == WILD  # nothing is taken away


@pytest.mark.parametrize(
    "loss",
    [CALM, [2.0 * 0.7**epoch for epoch in range(40)], [25.9, 25.1, 24.6, 24.3, 24.2, 24.1]],
    ids=["slow", "fast", "distilled"],
)
def test_a_loss_that_only_falls_is_in_view_from_its_beginning(loss: list[float]) -> None:
    assert initial_view({"a": curve_band([run(loss)], "loss")}, "loss") is None


def test_one_wild_epoch_leaves_the_first_view_wherever_it_is() -> None:
    view = initial_view({"a": curve_band([run([*CALM[:6], 300.0, *CALM[6:]])], "loss")}, "loss")
    assert view is not None
    assert (view.high, view.beyond) == (1.9, {"a": 300.0})


def test_a_run_that_is_still_wild_is_in_view() -> None:
    bands = {"a": curve_band([run(WILD[:2])], "loss"), "b": curve_band([run(CALM)], "loss")}
    view = initial_view(bands, "loss")
    assert view is None or view.high >= WILD[1]


@given(
    st.lists(
        st.lists(st.floats(0, 1e4) | st.sampled_from([NAN, np.inf]), min_size=1, max_size=20),
        min_size=1,
    ),
    st.floats(0, 0.95),
    st.integers(1, 9),
)
def test_every_line_ends_in_view(losses: list[list[float]], smoothing: float, window: int) -> None:
    bands = {
        str(index): curve_band([run(loss)], "loss", smoothing=smoothing, window=window)
        for index, loss in enumerate(losses)
    }
    view = initial_view(bands, "loss")
    if view is not None:
        assert view.beyond
        for band in bands.values():
            for line in (band.mean, band.smooth):
                ends = line[np.isfinite(line)][-1:]
                assert all(view.low <= end <= view.high for end in ends)


def test_only_losses_can_be_wild() -> None:
    for curve in get_args(Curve):
        view = initial_view({"a": curve_band([run(WILD)], curve)}, curve)
        assert (view is not None) == (curve in ("loss", "val_loss"))
