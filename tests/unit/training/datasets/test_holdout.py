from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.datasets.holdout import hold_out

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=80)


@given(ROWS)
def test_a_group_is_never_separated(rows: list[tuple[int, int]]) -> None:
    labels, groups = np.array([row[0] for row in rows]), np.array([f"g{row[1]}" for row in rows])
    chosen = hold_out(labels, groups)
    assert not set(groups[chosen]) & set(groups[~chosen])


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80), st.integers(0, 1000))
def test_the_choice_does_not_depend_on_the_order_of_rows(numbers: list[int], seed: int) -> None:
    labels, groups = np.array(numbers) % 3, np.array([f"g{number}" for number in numbers])
    order = np.random.default_rng(seed).permutation(len(numbers))
    chosen = hold_out(labels, groups)
    np.testing.assert_array_equal(hold_out(labels[order], groups[order]), chosen[order])


def test_the_fraction_is_held_out_of_each_class() -> None:
    labels = np.repeat([0, 1, 2], [200, 50, 10])
    chosen = hold_out(labels, np.array([f"picture {row}" for row in range(260)]))
    assert np.bincount(labels[chosen]).tolist() == [20, 5, 1]


def test_a_small_class_has_one_group_held_out_and_one_kept() -> None:
    chosen = hold_out(np.array([0, 0, 1]), np.array(["a", "b", "c"]))
    assert np.bincount(np.array([0, 0, 1])[chosen], minlength=2).tolist() == [1, 0]
