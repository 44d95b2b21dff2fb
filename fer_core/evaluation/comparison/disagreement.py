"""Several models on the same face: their predictions and how far they disagree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ModelPrediction:
    """One model's prediction for one face.

    Attributes:
        model: the model's name.
        labels: its classes, in the order of its outputs.
        probabilities: `(len(labels),)` float32, sums to 1.
    """

    model: str
    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.labels),):
            raise ValueError(
                f"Expected one probability for each of the {len(self.labels)} labels. "
                f"Received: shape={self.probabilities.shape}"
            )

    @property
    def label(self) -> str:
        """The most probable class."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """The probability of the most probable class."""
        return float(self.probabilities.max())

    def top(self, k: int) -> list[tuple[str, float]]:
        """Returns the k most probable classes with their probabilities, highest first."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(self.labels[index], float(self.probabilities[index])) for index in order]


@dataclass(frozen=True)
class Agreement:
    """The predictions of one or more models for the same face.

    Models may have different classes: classes that a model lacks get probability 0.

    Attributes:
        predictions: one per model, in the order given.
    """

    predictions: tuple[ModelPrediction, ...]

    def __post_init__(self) -> None:
        if not self.predictions:
            raise ValueError("Expected the prediction of at least one model. Received: none")

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The union of the models' classes."""
        return tuple(
            dict.fromkeys(label for predicted in self.predictions for label in predicted.labels)
        )

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """Shape `(models, labels)`, float32, rows sum to 1."""
        table = np.zeros((len(self.predictions), len(self.labels)), np.float32)
        for row, predicted in zip(table, self.predictions, strict=True):
            row[[self.labels.index(label) for label in predicted.labels]] = predicted.probabilities
        return table

    @cached_property
    def mean(self) -> ModelPrediction:
        """The ensemble's prediction: the mean of the models' probabilities."""
        return ModelPrediction("mean of all models", self.labels, self.probabilities.mean(axis=0))

    @cached_property
    def majority(self) -> tuple[str, int]:
        """The label predicted by most models, and by how many; the mean breaks ties."""
        votes = Counter(predicted.label for predicted in self.predictions)
        mean = dict(zip(self.labels, self.mean.probabilities.tolist(), strict=True))
        label = max(votes, key=lambda name: (votes[name], mean[name]))
        return label, votes[label]

    @cached_property
    def disagreement(self) -> float:
        """How far the models' distributions differ, from 0 (identical) to 1 (disjoint).

        See `jensen_shannon`.
        """
        return float(jensen_shannon(self.probabilities))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per model: model, label, confidence, then p_<label> for every label."""
        import pandas as pd

        rows = [
            {"model": predicted.model, "label": predicted.label, "confidence": predicted.confidence}
            | {f"p_{label}": float(value) for label, value in zip(self.labels, row, strict=True)}
            for predicted, row in zip(self.predictions, self.probabilities, strict=True)
        ]
        return pd.DataFrame(rows)


def jensen_shannon(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns how far distributions differ, from 0 (identical) to 1 (disjoint).

    The Jensen-Shannon divergence of all distributions with equal weights (Lin, 1991), divided by
    its upper bound for this number of distributions and classes.

    Args:
        probabilities: `(..., models, classes)`, the last axis sums to 1.

    Returns:
        `(...)`.
    """
    from scipy.stats import entropy

    models, classes = probabilities.shape[-2:]
    different = min(models, classes)
    if different < 2:
        return np.zeros(probabilities.shape[:-2])
    rows = probabilities.astype(np.float64)
    divergence = entropy(rows.mean(axis=-2), axis=-1) - entropy(rows, axis=-1).mean(axis=-1)
    return np.asarray(np.clip(divergence / np.log(different), 0.0, 1.0), np.float64)
