"""A model's predictions on a data split: row IDs, labels and probabilities, from predictions.npz.

The file holds arrays named by split:

    <split>_row_id              (n,) 0-based row of the dataset's own table
    <split>_label               (n,) true class, an index into the card's labels
    <split>_probabilities       (n, k) plain: one pass, before temperature; of an
                                ensemble the mean of its members' calibrated probabilities
    <split>_probabilities_flip  (n, k) optional: mean over the face and its mirror image
    <split>_probabilities_crops (n, k) optional: ten-crop mean
    <split>_has_training_twin   (n,) bool, optional: an exact copy is in the training split
    <split>_cell_averages       (k, k, 48, 48) uint8, optional: by true and predicted class
    <split>_subject             (n,) optional: number of the person in the picture
    <split>_sequence            (n,) optional: number of the video sequence

With sequences, the rows of the file are frames; reading it gives one row per sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.result_types import PROTOCOLS, EvaluationProtocol
from fer_core.evaluation.sequences import Sequences

if TYPE_CHECKING:
    import pandas as pd


SUM_TOLERANCE: Final = 5e-3
"""Probabilities may be stored in half precision, whose rounding errors add up over classes."""


@dataclass(frozen=True, eq=False)
class SplitPredictions:
    """One model's predictions on one split.

    Attributes:
        split: its name, e.g. `"fer2013_private_test"`.
        labels: the k class names in the order of the probabilities.
        row_id: `(n,)` int64, 0-based row of the dataset's own table.
        label: `(n,)` int64, the true class as an index into `labels`.
        probabilities: `(n, k)` float32, one pass, before temperature; of an ensemble, the mean of
            its members' calibrated probabilities.
        probabilities_flip: `(n, k)` float32, mean over the face and its mirror image, or None.
        probabilities_crops: `(n, k)` float32, ten-crop mean, or None.
        has_training_duplicate: `(n,)` bool, whether the training split has an exact copy, or None.
        cell_averages: `(k, k, 48, 48)` uint8, the average face of every cell of the confusion
            matrix, by true and (plain) predicted class; all 0 in cells with fewer faces than
            `comparison.MIN_FACES`. None if not computed; `take` drops them.
        subject: `(n,)` int64, number of the person in the picture, or None if unknown. Rows of one
            person are similar, so intervals then resample people.
    """

    split: str
    labels: tuple[str, ...]
    row_id: NDArray[np.int64]
    label: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    probabilities_flip: NDArray[np.float32] | None = None
    probabilities_crops: NDArray[np.float32] | None = None
    has_training_duplicate: NDArray[np.bool_] | None = None
    cell_averages: NDArray[np.uint8] | None = None
    subject: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        rows, classes = len(self.row_id), len(self.labels)
        for name, values in self._columns().items():
            expected = (rows, classes) if name.startswith("probabilities") else (rows,)
            if values.shape != expected:
                raise ValueError(
                    f"{self.split}_{name} must have the shape {expected}. "
                    f"Received: shape={values.shape}"
                )
            if len(expected) == 2 and not _are_distributions(values):
                raise ValueError(
                    f"{self.split}_{name} must be at least 0 and sum to 1 in every row"
                )
        averages = self.cell_averages
        if averages is not None and (
            averages.shape[:2] != (classes, classes) or averages.ndim != 4
        ):
            raise ValueError(
                f"{self.split}_cell_averages must be a picture for each of {classes} x {classes} "
                f"cells. Received: shape={averages.shape}"
            )
        if rows and (self.label.min() < 0 or self.label.max() >= classes):
            raise ValueError(
                f"{self.split}_label must be between 0 and {classes - 1}. "
                f"Received: {self.label.min()} to {self.label.max()}"
            )

    def __len__(self) -> int:
        return len(self.row_id)

    @property
    def protocols(self) -> tuple[EvaluationProtocol, ...]:
        """The evaluation protocols for which there are probabilities."""
        return tuple(name for name in PROTOCOLS if self._by_protocol[name] is not None)

    def by(self, protocol: EvaluationProtocol) -> NDArray[np.float32]:
        """Returns the `(n, k)` probabilities under one evaluation protocol.

        Raises:
            ValueError: there are none for this protocol.
        """
        probabilities = self._by_protocol.get(protocol)
        if probabilities is None:
            raise ValueError(
                f"{self.split} has predictions for {', '.join(self.protocols)}. "
                f"Received: protocol={protocol!r}"
            )
        return probabilities

    @property
    def _by_protocol(self) -> dict[EvaluationProtocol, NDArray[np.float32] | None]:
        return {
            "plain": self.probabilities,
            "flip": self.probabilities_flip,
            "crops": self.probabilities_crops,
        }

    @property
    def is_correct(self) -> NDArray[np.bool_]:
        """`(n,)` whether the class with the largest probability is the true one."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.label)

    @property
    def is_without_duplicate(self) -> NDArray[np.bool_] | None:
        """`(n,)` rows without a duplicate in the training split; None if unknown or no row is."""
        duplicate = self.has_training_duplicate
        return None if duplicate is None or duplicate.all() else ~duplicate

    def without_training_duplicates(self) -> SplitPredictions:
        """Returns the rows without a duplicate in the training split, to select settings by.

        Returns all rows if duplicates are unknown or every row is one.
        """
        kept = self.is_without_duplicate
        return self if kept is None else self.take(kept)

    def take(self, rows: NDArray[Any]) -> SplitPredictions:
        """Returns the rows selected by a boolean mask or by positions."""
        arrays = {name: values[rows] for name, values in self._columns().items()}
        return SplitPredictions(self.split, self.labels, **arrays)

    def by_sequence(self, sequence: NDArray[Any]) -> SplitPredictions:
        """Returns one row per sequence, with the mean of its frames' probabilities.

        Everything else, such as the row ID, is taken from the first frame.

        Args:
            sequence: `(n,)`, the sequence of each row.

        Raises:
            ValueError: `sequence` has another shape.
        """
        if sequence.shape != (len(self),):
            raise ValueError(
                f"{self.split}_sequence must have the shape {(len(self),)}. "
                f"Received: shape={sequence.shape}"
            )
        sequences = Sequences.of(sequence)
        arrays: dict[str, NDArray[Any]] = {
            name: sequences.mean(values)
            if name.startswith("probabilities")
            else values[sequences.first]
            for name, values in self._columns().items()
        }
        return SplitPredictions(self.split, self.labels, **arrays)

    def to_frame(self, protocol: EvaluationProtocol = "plain") -> pd.DataFrame:
        """Returns one row per face: row_id, label, predicted, confidence, p_<label>..."""
        import pandas as pd

        names = np.array(self.labels)
        probabilities = self.by(protocol)
        frame = pd.DataFrame(
            {
                "row_id": self.row_id,
                "label": names[self.label],
                "predicted": names[probabilities.argmax(axis=1)],
                "confidence": probabilities.max(axis=1),
            }
        )
        columns = [f"p_{label}" for label in self.labels]
        return frame.join(pd.DataFrame(probabilities, columns=columns))

    def stored_arrays(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays as predictions.npz names them; see the module's docstring."""
        columns = self._columns()
        if self.has_training_duplicate is not None:
            columns["has_training_twin"] = columns.pop("has_training_duplicate")
        if self.cell_averages is not None:
            columns["cell_averages"] = self.cell_averages
        return {f"{self.split}_{name}": values for name, values in columns.items()}

    def _columns(self) -> dict[str, NDArray[Any]]:
        optional = {
            "probabilities_flip": self.probabilities_flip,
            "probabilities_crops": self.probabilities_crops,
            "has_training_duplicate": self.has_training_duplicate,
            "subject": self.subject,
        }
        return {
            "row_id": self.row_id,
            "label": self.label,
            "probabilities": self.probabilities,
            **{name: values for name, values in optional.items() if values is not None},
        }


def stored_rows(
    split: str, labels: tuple[str, ...], arrays: dict[str, NDArray[Any]]
) -> SplitPredictions:
    """Returns the rows of one split as stored in predictions.npz, one per frame.

    Raises:
        KeyError: an array is missing.
        ValueError: the arrays do not fit each other or the labels.
    """

    def probabilities(suffix: str) -> NDArray[np.float32] | None:
        values = arrays.get(f"{split}_probabilities{suffix}")
        return None if values is None else values.astype(np.float32)

    return SplitPredictions(
        split,
        labels,
        row_id=arrays[f"{split}_row_id"].astype(np.int64),
        label=arrays[f"{split}_label"].astype(np.int64),
        probabilities=arrays[f"{split}_probabilities"].astype(np.float32),
        probabilities_flip=probabilities("_flip"),
        probabilities_crops=probabilities("_crops"),
        has_training_duplicate=arrays.get(f"{split}_has_training_twin"),
        cell_averages=arrays.get(f"{split}_cell_averages"),
        subject=arrays.get(f"{split}_subject"),
    )


def _are_distributions(values: NDArray[np.float32]) -> bool:
    sums = values.sum(axis=1)
    return bool((values >= 0).all() and (np.abs(sums - 1) <= SUM_TOLERANCE).all())
