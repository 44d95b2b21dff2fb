"""From faces to a table: the one place where values of faces are rounded.

>>> table = face_table(faces, names_of(image_columns(faces.labels, ())), {}, run)
>>> rows_of(table)[0]["prediction"]
'happy'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.recognition.face_columns import (
    BOX,
    DETECTION_SCORE,
    FACE_ID,
    HYSTERESIS,
    LANDMARK,
    MISSED,
    OF_RUN,
    TRACK_ID,
    UNCERTAIN_BELOW,
    Row,
    Value,
    names_of,
)
from fer_core.recognition.faces import Faces

PIXEL_DIGITS: Final = 2
PROBABILITY_DIGITS: Final = 6

Table = dict[str, NDArray[Any]]
"""Columns by name, each `(n,)`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RunInfo:
    """What produced the predictions in a table; the base of results with such a table.

    Attributes:
        model: name of the model.
        model_checksum: SHA-256 of its weights.
        detector: name of the face detector.
        threshold: predictions with a lower confidence are `uncertain`.
    """

    model: str
    model_checksum: str
    detector: str
    threshold: float = UNCERTAIN_BELOW

    @property
    def run(self) -> dict[str, Value]:
        """These values by the names of `face_columns.OF_RUN`."""
        return {name: getattr(self, name) for name in names_of(OF_RUN)}


def face_table(
    faces: Faces, names: Iterable[str], place: Mapping[str, Value | NDArray[Any]], run: RunInfo
) -> Table:
    """Returns a table with one row per face.

    Args:
        faces: n faces.
        names: names of the columns, in order. Those without a value are None in every row.
        place: values of the columns that locate the faces: one for all, or `(n,)`.
        run: what predicted them, and the threshold.
    """
    threshold = run.threshold
    likely = faces.probabilities.astype(np.float64)
    top, confidence = likely.argmax(axis=1), likely.max(axis=1, initial=0.0)
    alone = np.where(confidence < threshold, -1, top)
    outputs = np.concatenate([likely, faces.unit_probabilities], axis=1)
    output_names = [f"p_{name}" for name in (*faces.labels, *faces.action_units)]
    score = faces.detection_score[:, None]
    values: dict[str, Any] = {
        FACE_ID.name: np.arange(1, len(faces) + 1),
        TRACK_ID.name: faces.track_id,
        **_by_name(names_of(BOX), faces.xyxy, PIXEL_DIGITS),
        **_by_name([DETECTION_SCORE.name], score, PROBABILITY_DIGITS),
        "prediction": faces.prediction(threshold),
        "top_label": np.array(faces.labels, object)[top],
        "confidence": rounded_confidence(confidence, threshold),
        HYSTERESIS.name: faces.predicted(threshold) != alone,
        MISSED.name: faces.is_missed,
        **_by_name(output_names, outputs, PROBABILITY_DIGITS),
        **run.run,
        **place,
    }
    if faces.landmarks is not None:
        points = faces.landmarks.reshape(-1, len(LANDMARK))
        values |= _by_name(names_of(LANDMARK), points, PIXEL_DIGITS)
    return {name: _column(values.get(name), len(faces)) for name in names}


def rows_of(table: Table) -> list[Row]:
    """Returns the rows of a table, with plain values by the names of the columns."""
    columns = [column.tolist() for column in table.values()]
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def rounded_confidence(confidence: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Rounds confidences, but never across the threshold."""
    rounded = confidence.round(PROBABILITY_DIGITS)
    return np.where((rounded < threshold) == (confidence < threshold), rounded, confidence)


def _by_name(names: Iterable[str], values: NDArray[Any], digits: int) -> Table:
    """Returns the columns of `(n, names)` values, rounded."""
    return dict(zip(names, values.astype(np.float64).round(digits).T, strict=True))


def _column(value: Value | NDArray[Any], count: int) -> NDArray[Any]:
    if isinstance(value, np.ndarray):
        return value
    return np.full(count, value, type(value) if isinstance(value, bool | int | float) else object)
