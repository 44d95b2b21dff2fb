"""Tango's interval against its definition, at its edges, and how often it covers the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from fer_core.evaluation.comparison.paired_interval import paired_interval


def slow_limits(only_first: int, only_second: int, rows: int) -> list[float]:
    """Where the score test is just significant, its nuisance parameter found numerically."""

    counts = (only_first, only_second, rows - only_first - only_second)

    def squared(difference: float) -> float:
        def surprise(probability: float) -> float:
            shares = (
                probability + difference,
                probability,
                1 - 2 * probability - difference,
            )
            return -float(np.dot(counts, np.log(np.maximum(shares, 1e-300))))

        bounds = (max(0.0, -difference) + 1e-12, (1 - difference) / 2 - 1e-12)
        best = optimize.minimize_scalar(surprise, bounds=bounds, method="bounded").x
        variance = rows * (2 * best + difference - difference**2)
        return float((only_first - only_second - rows * difference) ** 2 / variance)

    found = (only_first - only_second) / rows
    significant = stats.chi2.ppf(0.95, 1)
    return [
        float(optimize.brentq(lambda each: squared(each) - significant, found, edge, xtol=1e-6))
        for edge in (-0.99, 0.99)
    ]


@pytest.mark.parametrize(("only_first", "only_second", "rows"), [(12, 2, 50), (30, 41, 200)])
def test_limits_are_where_the_score_test_is_just_significant(
    only_first: int, only_second: int, rows: int
) -> None:
    found = paired_interval(only_first, only_second, rows)
    assert found == pytest.approx(slow_limits(only_first, only_second, rows), abs=1e-3)
    low, high = paired_interval(only_second, only_first, rows)
    assert found == pytest.approx((-high, -low))


@pytest.mark.parametrize("only_first", range(20, 41, 2))
def test_it_holds_0_where_mcnemars_score_test_is_not_significant(only_first: int) -> None:
    only_second = 60 - only_first
    low, high = paired_interval(only_first, only_second, 500)
    statistic = (only_first - only_second) ** 2 / 60
    assert (low <= 0 <= high) == (statistic <= stats.chi2.ppf(0.95, 1))


def test_no_discordant_row_does_not_mean_no_difference() -> None:
    quantile = stats.norm.ppf(0.975) ** 2
    expected = quantile / (50 + quantile)  # Wilson's limit at 0 of 50
    assert paired_interval(0, 0, 50) == pytest.approx((-expected, expected), abs=1e-6)
    low, high = paired_interval(5, 0, 5)
    assert 0 < low < high == 1
    low, high = paired_interval(0, 1, 1)
    assert -1 == low < 0 < high < 1


def test_it_covers_the_true_difference() -> None:
    rng = np.random.default_rng(0)
    counts = rng.multinomial(100, (0.1, 0.04, 0.86), size=400)
    intervals = [paired_interval(int(first), int(second), 100) for first, second, _ in counts]
    covered = np.mean([low <= 0.06 <= high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=0.03)
