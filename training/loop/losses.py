"""The training loss and the training accuracy.

During training, a network outputs several distributions, concatenated in one array: that of the
classifier, then, if the settings ask for them, those of the vote head and of the teachers. The
targets have the same order, without the teachers. So one loss works on every backend.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.networks import Tensor
from training.settings import TrainingSettings

_SMALLEST = 1e-30
"""Keeps logarithms finite; above it, gradients of a softmax fit into float32."""


def tempered(probabilities: Tensor, temperature: float) -> Tensor:
    """The softmax of the same logits divided by `temperature`, `(n, n_classes)`."""
    return ops.softmax(_logarithm(probabilities) / temperature)


class Objective(keras.losses.Loss):  # type: ignore[misc]
    """The loss of each face, from targets and predictions as in the module's docstring.

    For the labels it is cross-entropy, or focal loss (Lin et al. 2017, equation 4, weighted by each
    class's share of the target). Votes add their weighted cross-entropy; a face without votes has
    zeros there and adds nothing. Distillation (Hinton et al. 2015) adds the cross-entropy between
    the teachers' and the student's probabilities at the temperature, times the squared temperature.

    Args:
        settings: settings of the run.
        n_classes: columns of the classifier.
        n_votes: columns of the vote head, 0 without it.
    """

    def __init__(
        self, settings: TrainingSettings, *, n_classes: int, n_votes: int = 0, **options: Any
    ) -> None:
        super().__init__(name="objective", **options)
        self._settings = settings
        self._n_classes = n_classes
        self._n_heads = n_classes + n_votes

    def call(self, targets: Tensor, predictions: Tensor) -> Tensor:
        """Maps targets and predictions, `(n, columns)` each, to `(n,)` losses."""
        probabilities = _columns(predictions, 0, self._n_classes)
        loss = self._on_labels(_columns(targets, 0, self._n_classes), probabilities)
        if (extra_votes := self._settings.extra_votes) is not None:
            heads = slice(self._n_classes, self._n_heads)
            votes, shares = targets[:, heads], predictions[:, heads]
            loss += extra_votes.weight * _cross_entropy(votes, shares)
        if (distillation := self._settings.distillation) is not None:
            student = tempered(probabilities, distillation.temperature)
            soft = _cross_entropy(predictions[:, self._n_heads :], student)
            soft *= distillation.temperature**2
            loss = (1 - distillation.weight) * loss + distillation.weight * soft
        return loss

    def _on_labels(self, targets: Tensor, probabilities: Tensor) -> Tensor:
        smoothing, gamma = self._settings.label_smoothing, self._settings.imbalance.focal_gamma
        if not gamma:
            return keras.losses.categorical_crossentropy(
                targets, probabilities, label_smoothing=smoothing
            )
        return keras.losses.categorical_focal_crossentropy(
            targets, probabilities, alpha=1.0, gamma=gamma, label_smoothing=smoothing
        )


def accuracy(targets: Tensor, predictions: Tensor, *, n_classes: int) -> Tensor:
    """1 for each correct face (the argmax of its target is predicted), else 0: `(n,)`."""
    return keras.metrics.categorical_accuracy(
        _columns(targets, 0, n_classes), _columns(predictions, 0, n_classes)
    )


def _columns(values: Tensor, start: int, stop: int) -> Tensor:
    # A whole tensor is not sliced: Keras tracks the logits of a softmax, but not through a slice.
    return values if (start, stop) == (0, values.shape[1]) else values[:, start:stop]


def _cross_entropy(targets: Tensor, probabilities: Tensor) -> Tensor:
    return -ops.sum(targets * _logarithm(probabilities), axis=-1)


def _logarithm(probabilities: Tensor) -> Tensor:
    return ops.log(ops.maximum(probabilities, _SMALLEST))
