"""The predictions of several models for the same rows of one split, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import EvaluationProtocol, SplitPredictions
from fer_core.evaluation.comparison.disagreement import jensen_shannon

if TYPE_CHECKING:
    import pandas as pd

RowOrder = Literal["confident", "unsure", "disputed"]
"""Most confident predictions first, least confident first, or most disputed rows first."""


@dataclass(frozen=True, eq=False)
class AlignedPredictions:
    """The predictions of m models for n rows.

    Attributes:
        labels: the k class names.
        models: the m model names.
        row_id: `(n,)` int64, 0-based row of the dataset's own table.
        label: `(n,)` int64, the true class as an index into `labels`.
        probabilities: `(n, m, k)` float32.
    """

    labels: tuple[str, ...]
    models: tuple[str, ...]
    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.row_id)

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """`(n, m)` the most probable class of each model, an index into `labels`."""
        return np.asarray(self.probabilities.argmax(axis=2), np.int64)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """`(n, m)` the probability of that class."""
        return np.asarray(self.probabilities.max(axis=2), np.float32)

    @cached_property
    def is_correct(self) -> NDArray[np.bool_]:
        """`(n, m)` whether each prediction is correct."""
        return np.asarray(self.predicted == self.label[:, None], bool)

    @cached_property
    def disagreement(self) -> NDArray[np.float64]:
        """`(n,)` how far the models' distributions differ, 0 to 1; see `jensen_shannon`."""
        return jensen_shannon(self.probabilities)

    def predicted_by(self, model: str) -> NDArray[np.int64]:
        """Returns the `(n,)` predicted classes of one model.

        Raises:
            ValueError: there is no such model.
        """
        return self.predicted[:, self._position(model)]

    def is_error(self, model: str) -> NDArray[np.bool_]:
        """Returns `(n,)` whether one model is incorrect."""
        return ~self.is_correct[:, self._position(model)]

    def is_only_error(self, model: str, others: tuple[str, ...]) -> NDArray[np.bool_]:
        """Returns `(n,)` whether one model is incorrect where all of the others are correct."""
        correct = [~self.is_error(other) for other in others]
        return np.asarray(np.logical_and.reduce([self.is_error(model), *correct]), bool)

    def take(self, rows: NDArray[Any] | slice) -> AlignedPredictions:
        """Returns the rows selected by a boolean mask, by positions or by a slice."""
        return replace(
            self,
            row_id=self.row_id[rows],
            label=self.label[rows],
            probabilities=self.probabilities[rows],
        )

    def ordered(self, order: RowOrder, model: str) -> AlignedPredictions:
        """Returns the rows ordered by one model's confidence or by the disagreement of all."""
        confidence = self.confidence[:, self._position(model)]
        first_is_least: dict[RowOrder, NDArray[np.floating]] = {
            "confident": -confidence,
            "unsure": confidence,
            "disputed": -self.disagreement,
        }
        return self.take(np.argsort(first_is_least[order], kind="stable"))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face: row_id, label, then each model's prediction and confidence.

        The columns of a model are named after it: `cnn` and `cnn_confidence`. With two or more
        models, `disagreement` is the last column.
        """
        import pandas as pd

        names = np.array(self.labels)
        columns: dict[str, Any] = {"row_id": self.row_id, "label": names[self.label]}
        for index, model in enumerate(self.models):
            columns[model] = names[self.predicted[:, index]]
            columns[f"{model}_confidence"] = self.confidence[:, index]
        if len(self.models) > 1:
            columns["disagreement"] = self.disagreement
        return pd.DataFrame(columns)

    def _position(self, model: str) -> int:
        if model not in self.models:
            raise ValueError(
                f"Expected one of the models {', '.join(self.models)}. Received: {model!r}"
            )
        return self.models.index(model)


def incomparability_reason(first: SplitPredictions, second: SplitPredictions) -> str | None:
    """Returns a sentence on why two models cannot be compared; None if they can.

    They can be compared if they share rows of one split, labels, and the true labels of these
    rows.
    """
    if first.split != second.split:
        return f"They were evaluated on different splits: {first.split} and {second.split}."
    if set(first.labels) != set(second.labels):
        return (
            "They have different labels, so one may be unable to predict the true label: "
            f"{', '.join(first.labels)} against {', '.join(second.labels)}."
        )
    rows, of_first, of_second = np.intersect1d(first.row_id, second.row_id, return_indices=True)
    if not len(rows):
        return f"They share no row of {first.split}."
    names_first, names_second = np.array(first.labels), np.array(second.labels)
    if (names_first[first.label[of_first]] != names_second[second.label[of_second]]).any():
        return f"They were scored against different true labels on {first.split}."
    return None


def align_predictions(
    predictions: Mapping[str, SplitPredictions], protocol: EvaluationProtocol = "plain"
) -> AlignedPredictions:
    """Puts the predictions of several models side by side, on the rows that all of them have.

    Args:
        predictions: by the models' names; of one split, with the same labels in any order.
        protocol: which probabilities to take.

    Returns:
        Rows in ascending order of their IDs, classes in the order of the first model.

    Raises:
        ValueError: there is no model, or two cannot be compared; the message says why.
    """
    if not predictions:
        raise ValueError("Expected the predictions of at least one model. Received: none")
    (first, *others) = predictions.values()
    for name, other in zip(list(predictions)[1:], others, strict=True):
        if reason := incomparability_reason(first, other):
            raise ValueError(f"{next(iter(predictions))} and {name} cannot be compared. {reason}")
    rows = reduce(np.intersect1d, (each.row_id for each in predictions.values()))
    columns = []
    for each in predictions.values():
        ordered = np.argsort(each.row_id)
        at = ordered[np.searchsorted(each.row_id, rows, sorter=ordered)]
        classes = [each.labels.index(label) for label in first.labels]
        columns.append(each.by(protocol)[at][:, classes])
        if each is first:
            label = each.label[at]
    return AlignedPredictions(
        labels=first.labels,
        models=tuple(predictions),
        row_id=rows,
        label=label,
        probabilities=np.stack(columns, axis=1),
    )
