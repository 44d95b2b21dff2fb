from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.training.settings import tiny_settings
from training.loop.losses import Objective, accuracy, tempered

TARGETS = np.array([[1, 0, 0], [0, 0.5, 0.5]], np.float32)
PREDICTIONS = np.array([[0.7, 0.2, 0.1], [0.2, 0.3, 0.5]], np.float32)


def numpy(tensor: Any) -> NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def losses(
    targets: NDArray[np.float32],
    predictions: NDArray[np.float32],
    *,
    n_votes: int = 0,
    **settings: Any,
) -> NDArray[np.float32]:
    objective = Objective(
        tiny_settings(label_smoothing=0.0, **settings), n_classes=3, n_votes=n_votes
    )
    tensors = map(keras.ops.convert_to_tensor, (targets, predictions))
    return numpy(objective.call(*tensors))


def test_without_further_settings_it_is_cross_entropy() -> None:
    expected = -(TARGETS * np.log(PREDICTIONS)).sum(axis=1)
    np.testing.assert_allclose(losses(TARGETS, PREDICTIONS), expected, rtol=1e-5)


def test_focal_loss_is_that_of_the_paper() -> None:
    expected = -(TARGETS * (1 - PREDICTIONS) ** 2 * np.log(PREDICTIONS)).sum(axis=1)
    focal = losses(TARGETS, PREDICTIONS, imbalance={"focal_gamma": 2.0})
    np.testing.assert_allclose(focal, expected, rtol=1e-5)


def test_a_temperature_divides_the_logits() -> None:
    logits = np.array([[2.0, -1.0, 0.5]], np.float32)
    expected = np.exp(logits / 4) / np.exp(logits / 4).sum()
    probabilities = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(
        numpy(tempered(keras.ops.convert_to_tensor(probabilities), 4.0)), expected, rtol=1e-5
    )


def test_distillation_adds_the_teachers_soft_targets_times_the_squared_temperature() -> None:
    teacher = np.array([[0.5, 0.3, 0.2], [0.1, 0.4, 0.5]], np.float32)
    softened = PREDICTIONS**0.5 / (PREDICTIONS**0.5).sum(axis=1, keepdims=True)
    soft = -(teacher * np.log(softened)).sum(axis=1) * 2.0**2
    hard = -(TARGETS * np.log(PREDICTIONS)).sum(axis=1)
    distilled = losses(
        TARGETS,
        np.hstack([PREDICTIONS, teacher]),
        distillation={"teachers": ["cnn"], "temperature": 2.0, "weight": 0.75},
    )
    np.testing.assert_allclose(distilled, 0.25 * hard + 0.75 * soft, rtol=1e-5)


def test_votes_add_their_cross_entropy_and_nothing_where_there_are_none() -> None:
    votes = np.array([[0, 0], [0.25, 0.75]], np.float32)
    head = np.array([[0.5, 0.5], [0.6, 0.4]], np.float32)
    total = losses(
        np.hstack([TARGETS, votes]),
        np.hstack([PREDICTIONS, head]),
        n_votes=2,
        extra_votes={"weight": 0.5},
    )
    added = total + (TARGETS * np.log(PREDICTIONS)).sum(axis=1)
    expected = -0.5 * (0.25 * np.log(0.6) + 0.75 * np.log(0.4))
    np.testing.assert_allclose(added, [0, expected], atol=1e-5)


def test_accuracy_is_that_of_the_classifier_only() -> None:
    others = np.full((2, 4), 9.0, np.float32)
    hits = accuracy(
        keras.ops.convert_to_tensor(np.hstack([TARGETS, others])),
        keras.ops.convert_to_tensor(np.hstack([PREDICTIONS[::-1], others])),
        n_classes=3,
    )
    assert numpy(hits).tolist() == pytest.approx([0, 0])
