from __future__ import annotations

import numpy as np
import pytest

from training.consensus.choice import Part, choose, class_weights

EQUAL = np.full(3, 1 / 3)


def certain(label: np.ndarray, correct: np.ndarray, confidence: float = 0.8) -> np.ndarray:
    """Predicts the label where correct, else the next class."""
    found = np.full((len(label), 3), (1 - confidence) / 2, np.float32)
    found[np.arange(len(label)), np.where(correct, label, (label + 1) % 3)] = confidence
    return found


def part(name: str, validation: float, photos: float, *, other: bool = False) -> Part:
    """A part with these accuracies on 1,000 faces, incorrect on the last ones."""
    label = np.arange(1000) % 3
    rows = np.arange(1000)
    return Part(
        name,
        certain(label, rows < 1000 * validation),
        certain(label, rows < 1000 * photos),
        other,
    )


LABEL = np.arange(1000) % 3


def test_the_part_that_is_better_on_photos_is_chosen_if_it_costs_little() -> None:
    choice = choose([part("home", 0.9, 0.5), part("away", 0.894, 0.8)], LABEL, LABEL, EQUAL)
    assert choice.shares[1] > 0.5
    assert choice.photo_accuracy == pytest.approx(0.8)
    assert choice.validation_accuracy == pytest.approx(0.894)


def test_a_part_that_costs_too_much_at_home_is_left_out() -> None:
    choice = choose([part("home", 0.9, 0.5), part("away", 0.7, 0.8)], LABEL, LABEL, EQUAL)
    assert choice.shares[0] >= 0.5
    assert choice.validation_accuracy >= 0.893


def test_the_prior_is_divided_out_where_photos_have_other_shares() -> None:
    label = np.repeat([0, 1], 500)
    timid = np.tile(np.array([0.55, 0.45], np.float32), (1000, 1))
    timid[::2] = timid[::2] + (label[::2, None] == [0, 1]) * np.float32(0.3)
    timid /= timid.sum(axis=1, keepdims=True)
    plain = Part("one", timid, timid, other_classes=False)
    choice = choose([plain], label, label, np.array([0.8, 0.2]))
    assert choice.prior_exponent > 0
    weights = class_weights(np.array([0.8, 0.2]), choice.prior_exponent)
    assert weights[1] > 1 > weights[0]
    assert weights.mean() == pytest.approx(1)


def test_an_overconfident_part_with_other_classes_is_softened() -> None:
    label = np.arange(300) % 3
    correct = np.arange(300) % 5 != 0
    sure = certain(label, correct, 0.998)
    choice = choose([Part("other", sure, sure, other_classes=True)], label, label, EQUAL)
    assert choice.temperature == 3.0
    kept = choose([Part("own", sure, sure, other_classes=False)], label, label, EQUAL)
    assert kept.temperature == 1.0
    assert kept.photo_nll > choice.photo_nll
