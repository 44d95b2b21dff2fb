"""McNemar's test and Holm's correction against scipy, closed forms and their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fer_core.evaluation.comparison.significance import holm, mcnemar

counts = st.integers(0, 400)
p_values = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30)


@given(counts, counts)
def test_mid_p_counts_the_observed_outcome_half(only_first: int, only_second: int) -> None:
    discordant, smaller = only_first + only_second, min(only_first, only_second)
    below = stats.binom.cdf(smaller - 1, discordant, 0.5)
    expected = 2 * (below + stats.binom.pmf(smaller, discordant, 0.5) / 2)
    found = mcnemar(only_first, only_second)
    assert found == pytest.approx(expected)
    exact = stats.binomtest(only_first, discordant).pvalue if discordant else 1.0
    assert found <= exact + 1e-9
    assert found == pytest.approx(mcnemar(only_second, only_first))


def test_mid_p_of_a_published_example() -> None:
    """Fagerland et al. 2013, airway hyper-responsiveness before and after transplantation.

    One child changed in one way and seven in the other: exact 0.0703, mid-p 0.0391.
    """
    assert mcnemar(1, 7) == pytest.approx(0.0391, abs=5e-5)


def test_many_rows_come_near_the_chi_squared_test() -> None:
    statistic = (5200 - 5000) ** 2 / (5200 + 5000)
    assert mcnemar(5200, 5000) == pytest.approx(stats.chi2.sf(statistic, 1), rel=1e-3)


def test_arrays_are_tested_cell_by_cell() -> None:
    first, second = np.array([[0, 3], [10, 7]]), np.array([[0, 9], [2, 7]])
    together = mcnemar(first, second)
    assert together.shape == (2, 2)
    for cell in np.ndindex(2, 2):
        assert together[cell] == mcnemar(first[cell], second[cell])
    assert together[0, 0] == together[1, 1] == 1.0


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        mcnemar(-1, 3)


def test_holm_of_a_worked_example() -> None:
    found = holm([[0.01, 0.04], [0.03, 0.005]])
    np.testing.assert_allclose(found, [[0.03, 0.06], [0.06, 0.02]])


@given(p_values)
def test_holm_rejects_what_the_step_down_procedure_rejects(values: list[float]) -> None:
    """The definition: from the smallest on, reject while p <= level / (how many are left)."""
    level = 0.05
    rejected = set()
    for step, index in enumerate(np.argsort(values, kind="stable").tolist()):
        if values[index] * (len(values) - step) > level:
            break
        rejected.add(index)
    corrected = holm(values)
    assert set(np.flatnonzero(corrected <= level).tolist()) == rejected
    assert (corrected >= np.array(values) - 1e-15).all()
    assert (corrected <= 1).all()
