"""The faces of one or more images with their predictions, in columns.

>>> faces = analyze_image(read_image("party.jpg")).faces
>>> faces.prediction(0.7).tolist()
['happy', 'uncertain']
>>> [(face.label, round(face.confidence, 2)) for face in faces]
[('happy', 0.97), ('surprise', 0.64)]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detections, FaceSquare, face_square
from fer_core.recognition.face_columns import UNCERTAIN, UNCERTAIN_BELOW
from fer_core.zoo import Classifier, FacePredictions

_NO_CROP: Final = np.empty((0, 0, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class Faces(Sequence["FaceResult"]):
    """n faces with k labels and u action units each; zero faces are a normal result.

    It is also a sequence of `FaceResult`, one per face; a slice is again `Faces`.

    Attributes:
        labels: the model's classes.
        action_units: the action units that the model predicts, such as `AU12`.
        xyxy: `(n, 4)` float32, left, top, right and bottom in pixels of the image.
        detection_score: `(n,)` float32 in [0, 1], confidence of the detector.
        landmarks: `(n, 5, 2)` float32, the points of `faces.LANDMARKS` in pixels of the image, or
            None if there are none.
        probabilities: `(n, k)` float32; rows sum to 1. Those of tracked faces are smoothed.
        unit_probabilities: `(n, u)` float32, independent probabilities.
        label: `(n,)` int64, the predicted label as an index into `labels`: the most probable one,
            or for tracked faces the label after hysteresis.
        is_held_uncertain: `(n,)` bool, whether hysteresis keeps a tracked face uncertain.
        is_missed: `(n,)` bool, whether the last detection missed a tracked face: its box is
            extrapolated, all other values are from when it was last seen.
        track_id: `(n,)` int64, the same number for the same face, from 1; None if the faces are not
            tracked.
        crops: n arrays `(side, side, 3)` RGB uint8, the face crops for the classifier; empty where
            only the numbers were kept.

    Raises:
        ValueError: the arrays have different numbers of rows.
    """

    labels: tuple[str, ...]
    action_units: tuple[str, ...]
    xyxy: NDArray[np.float32]
    detection_score: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None
    probabilities: NDArray[np.float32]
    unit_probabilities: NDArray[np.float32]
    label: NDArray[np.int64]
    is_held_uncertain: NDArray[np.bool_]
    is_missed: NDArray[np.bool_]
    track_id: NDArray[np.int64] | None = None
    crops: tuple[NDArray[np.uint8], ...] = ()

    def __post_init__(self) -> None:
        counts = [len(array) for name in _ARRAYS if (array := getattr(self, name)) is not None]
        if len(set(counts)) > 1:
            raise ValueError(f"Expected one row per face in each array. Received: rows={counts}")

    @classmethod
    def of(
        cls,
        classifier: Classifier,
        detections: Detections,
        predictions: FacePredictions,
        crops: Sequence[NDArray[np.uint8]] = (),
    ) -> Faces:
        """Returns the faces of one image.

        Args:
            classifier: of the predictions.
            detections: n faces.
            predictions: for each of them.
            crops: of each of them, or none.
        """
        no: NDArray[np.bool_] = np.zeros(len(detections), np.bool_)
        return cls(
            classifier.labels,
            classifier.action_units,
            detections.xyxy,
            detections.score,
            detections.landmarks,
            predictions.probabilities,
            predictions.action_units,
            predictions.probabilities.argmax(axis=1),
            is_held_uncertain=no,
            is_missed=no,
            crops=tuple(crops),
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Faces]) -> Faces:
        """Joins the faces of one model; at least one part, which may be empty.

        Landmarks and crops are kept if all faces have them.
        """
        arrays: dict[str, Any] = {}
        count = sum(map(len, parts))
        for name in _ARRAYS:
            given = [array for part in parts if (array := getattr(part, name)) is not None]
            is_whole = given and sum(map(len, given)) == count
            arrays[name] = np.concatenate(given) if is_whole else None
        crops = tuple(crop for part in parts for crop in part.crops)
        arrays["crops"] = crops if len(crops) == count else ()
        return dataclasses.replace(parts[0], **arrays)

    def take(self, rows: slice | Sequence[int] | NDArray[np.int64]) -> Faces:
        """Returns some of the faces, in the given order."""
        arrays: dict[str, Any] = {
            name: array[rows] for name in _ARRAYS if (array := getattr(self, name)) is not None
        }
        if self.crops:
            arrays["crops"] = tuple(self.crops[row] for row in np.arange(len(self))[rows])
        return dataclasses.replace(self, **arrays)

    def __len__(self) -> int:
        return len(self.xyxy)

    def __iter__(self) -> Iterator[FaceResult]:
        return (FaceResult(self, row) for row in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> FaceResult: ...

    @overload
    def __getitem__(self, index: slice) -> Faces: ...

    def __getitem__(self, index: int | slice) -> FaceResult | Faces:
        if isinstance(index, slice):
            return self.take(index)
        return FaceResult(self, range(len(self))[index])

    @property
    def detections(self) -> Detections:
        """The faces without their predictions."""
        return Detections(self.xyxy, self.detection_score, self.landmarks)

    @cached_property
    def confidence(self) -> NDArray[np.float64]:
        """`(n,)`, the probability of `label`."""
        # In double precision, so that comparisons with a threshold are the same everywhere.
        return self.probabilities[np.arange(len(self)), self.label].astype(np.float64)

    def predicted(self, threshold: float = UNCERTAIN_BELOW) -> NDArray[np.int64]:
        """Returns `(n,)`, the predictions as indices into `labels`, -1 where uncertain."""
        is_uncertain = self.is_held_uncertain | (self.confidence < threshold)
        return np.where(is_uncertain, -1, self.label)

    def prediction(self, threshold: float = UNCERTAIN_BELOW) -> NDArray[np.object_]:
        """Returns `(n,)`, the labels, and `UNCERTAIN` below the threshold."""
        return np.array([*self.labels, UNCERTAIN], np.object_)[self.predicted(threshold)]


_ARRAYS: Final = tuple(
    field.name
    for field in dataclasses.fields(Faces)
    if field.name not in ("labels", "action_units", "crops")
)
"""The fields with one row per face."""


@dataclass(frozen=True, repr=False)
class FaceResult:
    """One of `Faces`, and the expression it appears to show."""

    _faces: Faces
    _row: int

    def __repr__(self) -> str:
        return f"FaceResult(label={self.label!r}, confidence={self.confidence}, xyxy={self.xyxy})"

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the face in pixels of the image."""
        left, top, right, bottom = self._faces.xyxy[self._row].tolist()
        return left, top, right, bottom

    @property
    def detection_score(self) -> float:
        """Confidence of the detector, in [0, 1]."""
        return float(self._faces.detection_score[self._row])

    @property
    def landmarks(self) -> NDArray[np.float32] | None:
        """`(5, 2)`, the points of `faces.LANDMARKS` in pixels, or None if there are none."""
        return None if self._faces.landmarks is None else self._faces.landmarks[self._row]

    @property
    def square(self) -> FaceSquare:
        """The square that is cropped for the classifier."""
        return face_square(self._faces.xyxy[self._row], self.landmarks)

    @property
    def crop(self) -> NDArray[np.uint8]:
        """`(side, side, 3)` RGB uint8; side is 0 where only the numbers were kept."""
        return self._faces.crops[self._row] if self._faces.crops else _NO_CROP

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's classes."""
        return self._faces.labels

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """`(k,)`, one per label; they sum to 1."""
        row: NDArray[np.float32] = self._faces.probabilities[self._row]
        return row

    @property
    def action_units(self) -> dict[str, float]:
        """The probability of each action unit; empty for models that predict none."""
        values = self._faces.unit_probabilities[self._row].tolist()
        return dict(zip(self._faces.action_units, values, strict=True))

    @property
    def track_id(self) -> int:
        """The same for the same face over time, from 1; 0 for a face that is not tracked."""
        return 0 if self._faces.track_id is None else int(self._faces.track_id[self._row])

    @property
    def is_missed(self) -> bool:
        """Whether the last detection missed a tracked face, see `Faces`."""
        return bool(self._faces.is_missed[self._row])

    @property
    def label(self) -> str:
        """The most probable label; of a tracked face, the label after hysteresis."""
        return self.labels[int(self._faces.label[self._row])]

    @property
    def confidence(self) -> float:
        """The probability of `label`."""
        return float(self._faces.confidence[self._row])

    def is_uncertain(self, threshold: float = UNCERTAIN_BELOW) -> bool:
        """Returns whether the confidence is below `threshold`, or not clearly above it yet."""
        return bool(self._faces.is_held_uncertain[self._row]) or self.confidence < threshold

    def prediction(self, threshold: float = UNCERTAIN_BELOW) -> str:
        """Returns the label, or `UNCERTAIN` below the threshold."""
        return UNCERTAIN if self.is_uncertain(threshold) else self.label

    def top(self, k: int) -> list[tuple[str, float]]:
        """Returns the `k` most probable labels with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(self.labels[index], float(self.probabilities[index])) for index in order]
