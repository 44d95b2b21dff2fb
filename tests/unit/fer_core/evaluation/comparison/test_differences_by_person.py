"""Paired comparison where one person has several rows."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.evaluation.comparison import compare_correctness

ROWS = 600
RNG = np.random.default_rng(0)
FIRST = RNG.random(ROWS) < 0.8
SECOND = RNG.random(ROWS) < 0.7


def test_with_a_person_per_row_it_agrees_with_the_test_for_independent_rows() -> None:
    alone = compare_correctness(FIRST, SECOND)
    person = compare_correctness(FIRST, SECOND, subject=np.arange(ROWS))
    assert person.difference == alone.difference
    assert (person.low, person.high) == pytest.approx((alone.low, alone.high), abs=0.005)
    assert person.p_value == pytest.approx(alone.p_value, abs=0.002)


def test_duplicates_of_a_person_are_no_evidence() -> None:
    subject = np.repeat(np.arange(60), 10)
    first, second = (np.repeat(each[:60], 10) for each in (FIRST, SECOND))
    once = compare_correctness(FIRST[:60], SECOND[:60], subject=np.arange(60))
    copied = compare_correctness(first, second, subject=subject)
    assert copied.p_value == pytest.approx(once.p_value)
    assert copied.high - copied.low == pytest.approx(once.high - once.low)
    assert compare_correctness(first, second).p_value < once.p_value


def test_equal_models_do_not_differ() -> None:
    same = compare_correctness(FIRST, FIRST, subject=np.arange(ROWS) // 3)
    assert (same.low, same.high, same.p_value) == (0, 0, 1)
