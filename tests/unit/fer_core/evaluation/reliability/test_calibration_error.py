"""The calibration error against a slow formula, and what it does where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from fer_core.evaluation.reliability.calibration_error import calibration_error, largest_gap
from fer_core.evaluation.result_types import CalibrationError


def drawn(
    rows: int, *, seed: int, too_high: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities, and events that are less probable by `too_high`."""
    rng = np.random.default_rng(seed)
    probability = rng.uniform(0.3, 0.95, rows)
    return probability, rng.random(rows) < probability - too_high


def slow_error(probability: NDArray[np.float64], occurred: NDArray[np.bool_], bins: int) -> float:
    """ECE less the mean by which normal noise of each gap would raise it, by integration."""
    total = 0.0
    for rows in np.array_split(np.argsort(probability), bins):
        excess = probability[rows] - occurred[rows]
        gap, deviation = excess.mean(), excess.std(ddof=1) / len(rows) ** 0.5
        noise = np.linspace(-8, 8, 2_001)
        noisy = np.trapezoid(np.abs(gap + deviation * noise) * stats.norm.pdf(noise), noise)
        total += len(rows) / len(probability) * (abs(gap) - (noisy - abs(gap)))
    return total


@pytest.mark.parametrize("too_high", [0.0, 0.1])
def test_error_is_that_of_a_slow_formula(too_high: float) -> None:
    probability, occurred = drawn(600, seed=1, too_high=too_high)
    found = calibration_error(probability, occurred, resamples=10)
    assert found.value == pytest.approx(max(slow_error(probability, occurred, 15), 0), abs=1e-5)
    gaps = [
        abs(probability[rows].mean() - occurred[rows].mean())
        for rows in np.array_split(np.argsort(probability), 15)
    ]
    assert largest_gap(probability, occurred) == pytest.approx(max(gaps))


def test_noise_floor_is_what_calibrated_probabilities_show() -> None:
    probability, _ = drawn(500, seed=2)
    rng = np.random.default_rng(9)
    shown = [
        max(slow_error(probability, rng.random(500) < probability, 15), 0.0) for _ in range(50)
    ]
    found = calibration_error(probability, rng.random(500) < probability, resamples=1000)
    assert found.noise_floor == pytest.approx(np.mean(shown), abs=4 * np.std(shown) / 50**0.5)
    assert found.noise_floor < calibration_error(*drawn(100, seed=2), resamples=1000).noise_floor


def test_p_value_is_uniform_for_calibrated_probabilities() -> None:
    """So that 5% of calibrated models have a p-value below 0.05, and 50% one below 0.5."""
    p_values = [
        calibration_error(*drawn(300, seed=seed), resamples=99).p_value for seed in range(400)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.033)


def test_error_is_close_to_the_true_one_and_found_out() -> None:
    found = [
        calibration_error(*drawn(3000, seed=seed, too_high=0.05), resamples=99)
        for seed in range(20)
    ]
    assert np.mean([each.value for each in found]) == pytest.approx(0.05, abs=0.005)
    assert max(each.p_value for each in found) <= 0.05


def test_order_of_the_rows_does_not_matter() -> None:
    probability, occurred = drawn(400, seed=3)
    probability = probability.round(1)
    order = np.random.default_rng(0).permutation(400)
    found = calibration_error(probability, occurred, resamples=5)
    turned = calibration_error(probability[order], occurred[order], resamples=5)
    assert turned.value == pytest.approx(found.value)


@pytest.mark.parametrize("rows", [1, 2, 12])
def test_few_rows_have_few_bins(rows: int) -> None:
    probability = np.full(rows, 0.5)
    found = calibration_error(probability, np.arange(rows) % 2 == 0, resamples=19)
    assert 0 <= found.value <= 0.5
    assert found.p_value > 0.05


def test_certain_and_correct_has_no_error() -> None:
    found = calibration_error(np.ones(50), np.ones(50, bool), resamples=19)
    assert (found.value, found.noise_floor, found.p_value) == (0, 0, 1)
    assert calibration_error(np.ones(50), np.zeros(50, bool), resamples=19).value == 1


def test_error_is_written_beside_its_noise_floor() -> None:
    error = CalibrationError(value=0.0214, noise_floor=0.014, p_value=0.031)
    assert error.percent() == "2.1% (noise floor 1.4%, p = 0.031)"
    sure = CalibrationError(value=0.05, noise_floor=0.01, p_value=0.0004)
    assert sure.percent() == "5.0% (noise floor 1.0%, p < 0.001)"
