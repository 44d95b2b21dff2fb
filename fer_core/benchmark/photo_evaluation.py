"""The result of an evaluation: what models and packages predict for the same labeled photos.

It holds no pictures. A photo without a prediction, because no face was found or the file could not
be read, counts as an error, so entries that find their faces differently can be compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.reliability import Calibration

EntryKind = Literal["model", "predictions", "package"]
"""A model of this project, imported predictions, or another package."""

NO_FACE: Final = "no face"
"""The reason of a photo in which no face was found."""


@dataclass(frozen=True, eq=False)
class LabeledRows:
    """n labeled photos, or rows of a dataset, without their pictures.

    Attributes:
        id: `(n,)`, unique names, such as the path of a photo relative to its folder.
        labels: the k classes that occur or may occur, e.g. `labels.FER2013`.
        label: `(n,)` int64, the true class as an index into `labels`.
        columns: values by which the rows can be sliced, by column name: `(n,)` arrays of floats
            (NaN where unknown) or of strings ("" where unknown). First the user's own columns,
            then measures of the picture (`fer_core.quality`), named in `measured`.
        measured: the names of the columns that were measured from the pictures.
        subject: `(n,)` int64, number of the person in the photo, or None if unknown. Rows of one
            person are similar, so intervals then resample people.
        split: the split of a dataset whose rows they are, as in predictions.npz; the ids are then
            its row ids. None for a user's own photos.
    """

    id: tuple[str, ...]
    labels: tuple[str, ...]
    label: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    measured: tuple[str, ...] = ()
    subject: NDArray[np.int64] | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        rows = len(self.id)
        if len(set(self.id)) != rows:
            raise ValueError("The ids of labeled rows must be unique.")
        arrays = {"label": self.label, "subject": self.subject, **self.columns}
        for name, values in arrays.items():
            if values is not None and values.shape != (rows,):
                raise ValueError(
                    f"Expected {name} of shape {(rows,)}. Received: shape={values.shape}"
                )
        if rows and not 0 <= self.label.min() <= self.label.max() < len(self.labels):
            raise ValueError(f"Expected labels from 0 to {len(self.labels) - 1}.")

    def __len__(self) -> int:
        return len(self.id)

    def of_classes(self, known: Collection[str]) -> LabeledRows:
        """Returns the rows whose class is in `known`, with these classes only."""
        labels = tuple(label for label in self.labels if label in known)
        kept = np.flatnonzero(np.isin(self.label, [self.labels.index(each) for each in labels]))
        to_new = np.array([labels.index(x) if x in labels else -1 for x in self.labels], np.int64)
        taken = self.take(kept)
        return replace(taken, labels=labels, label=to_new[taken.label])

    def take(self, rows: NDArray[np.int64]) -> LabeledRows:
        """Returns the rows at these positions."""
        return replace(
            self,
            id=tuple(self.id[row] for row in rows),
            label=self.label[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            subject=None if self.subject is None else self.subject[rows],
        )

    def with_measures(self, measures: Mapping[str, NDArray[np.float64]]) -> LabeledRows:
        """Returns the rows with measures of the pictures as further columns.

        A column that the rows have already is kept, and not measured.
        """
        new = {name: values for name, values in measures.items() if name not in self.columns}
        return replace(self, columns={**self.columns, **new}, measured=tuple(new))


@dataclass(frozen=True, eq=False)
class EvaluationEntry:
    """What one model or package predicts for n labeled photos.

    Attributes:
        name: unique within an evaluation, e.g. the name of the model.
        title: display name.
        kind: what produced the predictions.
        labels: its own k classes, in the order of the probabilities.
        row: `(m,)` int64, ascending positions of the photos with a prediction.
        probabilities: `(m, k)` float32, before `calibration`; rows sum to 1.
        reasons: `(n,)` of strings: why a photo has no prediction, `NO_FACE` or a sentence; "" for
            those that have one.
        faces: where the faces came from, e.g. `"YuNet"`, `"pre-cropped"`.
        xyxy: `(m, 4)` float32, the classified face in pixels of the photo; None if pre-cropped or
            unknown.
        calibration: of the model; the identity if it has none, or is applied already.
        checksum: SHA-256 of the model's weights or of the imported file; None if unknown.
        notes: sentences for the reader, such as that the predictions are out-of-fold.
    """

    name: str
    title: str
    kind: EntryKind
    labels: tuple[str, ...]
    row: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    reasons: NDArray[np.str_]
    faces: str
    xyxy: NDArray[np.float32] | None = None
    calibration: Calibration = field(default_factory=Calibration)
    checksum: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows, classes = len(self.row), len(self.labels)
        if self.probabilities.shape != (rows, classes):
            raise ValueError(
                f"Expected probabilities of shape {(rows, classes)}. "
                f"Received: shape={self.probabilities.shape}"
            )
        has_prediction = np.zeros(len(self.reasons), bool)
        has_prediction[self.row] = True
        if rows != has_prediction.sum() or (has_prediction != (self.reasons == "")).any():
            raise ValueError("Every photo has either one prediction or a reason for having none.")

    @property
    def predicted(self) -> NDArray[np.int64]:
        """`(m,)` the most probable class, an index into its own `labels`."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)


@dataclass(frozen=True, eq=False)
class PhotoEvaluation:
    """Predictions of one or more entries for the same labeled photos.

    Attributes:
        name: of the evaluation, e.g. of the folder.
        created: with time zone.
        photos: the n labeled photos. Their classes are predicted by every entry.
        entries: by name, in order.
        left_out: number of photos by class that are left out because an entry cannot predict it.
        notes: sentences for the reader about the photos.
    """

    name: str
    created: datetime
    photos: LabeledRows
    entries: Mapping[str, EvaluationEntry]
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, entry in self.entries.items():
            if len(entry.reasons) != len(self.photos):
                raise ValueError(
                    f"Expected {len(self.photos)} rows of {name}. Received: {len(entry.reasons)}"
                )
            if missing := set(self.photos.labels) - set(entry.labels):
                raise ValueError(f"{name} cannot predict {', '.join(sorted(missing))}.")

    def predictions(self, entry: str) -> SplitPredictions:
        """Returns one entry's predictions in the form that all metrics take.

        Only photos with a prediction are included; `row_id` is their position.

        Raises:
            KeyError: there is no such entry.
        """
        chosen = self.entries[entry]
        to_own = np.array([chosen.labels.index(label) for label in self.photos.labels], np.int64)
        subject = self.photos.subject
        return SplitPredictions(
            split=self.name,
            labels=chosen.labels,
            row_id=chosen.row,
            label=to_own[self.photos.label[chosen.row]],
            probabilities=chosen.probabilities,
            subject=None if subject is None else subject[chosen.row],
        )

    def is_correct(self, entry: str) -> NDArray[np.bool_]:
        """Returns `(n,)` whether an entry's prediction is correct; False without a prediction.

        Raises:
            KeyError: there is no such entry.
        """
        correct = np.zeros(len(self.photos), bool)
        correct[self.entries[entry].row] = self.predictions(entry).is_correct
        return correct
