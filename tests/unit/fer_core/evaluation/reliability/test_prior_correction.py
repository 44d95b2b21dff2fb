"""Probabilities for other class shares, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fer_core.errors import PriorError
from fer_core.evaluation.reliability import (
    change_prior,
    estimate_prior,
    flattened_prior,
    without_bias,
)

TRAINING = np.array([0.1, 0.6, 0.3])


def posterior(
    of_class: NDArray[np.int64], prior: NDArray[np.float64], seed: int = 0
) -> NDArray[np.float32]:
    """Bayes' rule for a point that is normally distributed around the corner of its class."""
    rng = np.random.default_rng(seed)
    points = 1.5 * np.eye(3)[of_class] + rng.normal(0, 1, (len(of_class), 3))
    weights = prior * np.exp(1.5 * points)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


@given(st.floats(0, 1), st.integers(0, 2**16))
def test_to_flatten_the_prior_is_to_divide_by_its_power(power: float, seed: int) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(3), 5).astype(np.float32)
    divided = probabilities / TRAINING**power
    divided /= divided.sum(axis=1, keepdims=True)
    found = change_prior(probabilities, TRAINING, flattened_prior(TRAINING, power))
    np.testing.assert_allclose(found, divided, atol=1e-6)


def test_the_training_prior_changes_nothing_and_power_one_makes_classes_equally_frequent() -> None:
    assert flattened_prior(TRAINING, 1).tolist() == pytest.approx([1 / 3] * 3)
    np.testing.assert_allclose(flattened_prior(TRAINING, 0), TRAINING)


@pytest.mark.parametrize("power", [-0.1, 1.1, float("nan")])
def test_a_power_out_of_range_is_refused(power: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        flattened_prior(TRAINING, power)


def test_a_changed_posterior_is_the_posterior_under_the_new_prior() -> None:
    of_class, new = np.arange(300) % 3, np.array([0.5, 0.2, 0.3])
    changed = change_prior(posterior(of_class, TRAINING), TRAINING, new)
    np.testing.assert_allclose(changed, posterior(of_class, new), atol=1e-5)


def test_a_class_that_no_probability_is_left_for_does_no_harm() -> None:
    certain = np.array([[0, 1, 0]], np.float32)
    assert change_prior(certain, TRAINING, np.full(3, 1 / 3))[0] == pytest.approx(
        [0, 1, 0], abs=1e-12
    )


def test_certain_predictions_are_counted() -> None:
    certain = np.eye(3, dtype=np.float32)[np.repeat([0, 1, 2], [150, 30, 70])]
    found = estimate_prior(certain, TRAINING)
    np.testing.assert_allclose(found.shares, [0.6, 0.12, 0.28], atol=1e-9)
    assert found.faces == 250


@pytest.mark.parametrize("first", [0.15, 0.4, 0.75])
def test_shares_of_two_classes_are_those_of_the_closed_form(first: float) -> None:
    # With two values (a, 1 - a) and (1 - a, a), a share f of the first, and equal shares in
    # training, the likelihood is greatest where pi a + (1 - pi)(1 - a) = f.
    a, rows = 0.9, 400
    is_first = np.arange(rows) < first * rows
    probabilities = np.where(is_first[:, None], [a, 1 - a], [1 - a, a]).astype(np.float32)
    found = estimate_prior(probabilities, np.array([0.5, 0.5]))
    assert found.shares[0] == pytest.approx((first - (1 - a)) / (2 * a - 1), abs=1e-4)


def test_shares_of_calibrated_predictions_are_found_and_raise_the_accuracy() -> None:
    shares = np.array([0.7, 0.1, 0.2])
    of_class = np.random.default_rng(1).choice(3, 4000, p=shares)
    probabilities = posterior(of_class, TRAINING, seed=2)
    found = estimate_prior(probabilities, TRAINING)
    np.testing.assert_allclose(found.shares, shares, atol=0.03)
    changed = change_prior(probabilities, TRAINING, found.shares)
    before, after = ((each.argmax(axis=1) == of_class).mean() for each in (probabilities, changed))
    assert after > before + 0.1


def test_too_few_faces_are_refused() -> None:
    with pytest.raises(PriorError, match=r"200 faces or more\. Received: 199 faces"):
        estimate_prior(np.full((199, 3), 1 / 3, np.float32), TRAINING)


def test_faces_that_do_not_tell_the_shares_are_refused() -> None:
    # All classes nearly alike, so that the likelihood is almost flat and EM crawls.
    rng = np.random.default_rng(0)
    probabilities = TRAINING * (1 + rng.normal(0, 0.02, (400, 3)))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    with pytest.raises(PriorError, match="do not converge"):
        estimate_prior(probabilities.astype(np.float32), TRAINING)


def test_without_bias_every_class_has_its_share_and_biases_are_undone() -> None:
    of_class = np.random.default_rng(3).choice(3, 3000, p=TRAINING)
    exact = posterior(of_class, TRAINING, seed=4)
    biased = change_prior(exact, np.ones(3), np.array([3.0, 1.0, 0.5]))
    found = without_bias(biased, biased, of_class)
    np.testing.assert_allclose(found.mean(axis=0), np.bincount(of_class) / 3000, atol=1e-4)
    np.testing.assert_allclose(found, without_bias(exact, exact, of_class), atol=1e-4)
    np.testing.assert_allclose(found, exact, atol=0.05)


def test_a_bias_misleads_the_estimate_until_it_is_removed() -> None:
    rng, new = np.random.default_rng(5), np.array([0.2, 0.5, 0.3])
    home, away = rng.choice(3, 3000, p=TRAINING), rng.choice(3, 3000, p=new)
    bias = np.array([4.0, 1.0, 1.0])
    selection, faces = (
        change_prior(posterior(each, TRAINING, seed), np.ones(3), bias)
        for seed, each in enumerate((home, away), 6)
    )
    biased = estimate_prior(faces, TRAINING)
    corrected = estimate_prior(without_bias(faces, selection, home), TRAINING)
    assert np.abs(biased.shares - new).sum() > 0.2
    assert np.abs(corrected.shares - new).sum() < 0.08


def test_the_bias_of_a_class_that_does_not_occur_is_unknown() -> None:
    probabilities = np.full((4, 3), 1 / 3, np.float32)
    with pytest.raises(ValueError, match="every class"):
        without_bias(probabilities, probabilities, np.array([0, 1, 1, 0]))
