"""A permutation of the columns is found, and a weak model is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.benchmark.importing.class_order import better_order


@st.composite
def permuted(draw: st.DrawFn) -> tuple[list[int], int, float]:
    classes = draw(st.integers(2, 8))
    order = draw(st.permutations(range(classes)))
    return order, draw(st.integers(0, 1000)), draw(st.floats(0.6, 1.0))


@given(permuted())
def test_a_permutation_of_the_columns_is_found(case: tuple[list[int], int, float]) -> None:
    order, seed, accuracy = case
    rng = np.random.default_rng(seed)
    classes = len(order)
    label = np.arange(80 * classes) % classes
    correct = rng.random(len(label)) < accuracy
    predicted = np.where(correct, label, rng.integers(0, classes, len(label)))
    column_of = np.argsort(order)  # column i holds class order[i]
    expected = None if order == sorted(order) else tuple(order)
    assert better_order(column_of[predicted], label, classes) == expected


@pytest.mark.parametrize("seed", range(20))
def test_a_weak_model_is_not_taken_for_a_permuted_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    label = rng.choice(7, size=500, p=[0.13, 0.02, 0.15, 0.25, 0.17, 0.11, 0.17])
    guesses = rng.integers(0, 7, 500)
    assert better_order(guesses, label, 7) is None
    assert better_order(np.full(500, seed % 7), label, 7) is None
    assert better_order(np.where(rng.random(500) < 0.2, label, seed % 7), label, 7) is None


def test_few_rows_are_no_evidence() -> None:
    label = np.arange(7)
    assert better_order((label + 1) % 7, label, 7) is None
    assert better_order(np.array([], np.int64), np.array([], np.int64), 7) is None


def test_systematic_errors_are_no_permutation() -> None:
    """As of a model on faces unlike its own: disgust is taken for anger."""
    counts = {
        ("angry", "angry"): 6, ("disgust", "angry"): 6, ("neutral", "angry"): 33,
        ("angry", "disgust"): 19, ("disgust", "disgust"): 17, ("neutral", "disgust"): 5,
        ("happy", "happy"): 69, ("surprise", "surprise"): 80,
    }  # fmt: skip
    classes = ("angry", "disgust", "neutral", "happy", "surprise")
    pairs = [pair for pair, count in counts.items() for _ in range(count)]
    predicted, label = np.array([[classes.index(each) for each in pair] for pair in pairs]).T
    assert better_order(predicted, label, 5) is None
