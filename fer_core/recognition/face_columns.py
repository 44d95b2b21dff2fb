"""The columns of every table of faces that leaves this project, said once.

Photos, clips and live recordings have different places for a face (a file, or a moment and a
track), and the same columns for what it shows and for what said so. `docs/outputs.md` is this
list as a table.

>>> columns = photo_columns(("happy", "sad"), ())
>>> [column.name for column in columns if column.kind is str]
['file', 'file_sha256', 'status', 'reason', 'message', 'prediction', ...]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fer_core.faces import LANDMARKS

if TYPE_CHECKING:
    from fer_core.recognition.analyzer import FaceResult

Value = str | int | float | bool | None
Kind = type[str] | type[int] | type[float] | type[bool]

UNCERTAIN: Final = "uncertain"
"""What a prediction is called that is not confident enough to be one of the labels."""

PIXEL_DIGITS: Final = 2
PROBABILITY_DIGITS: Final = 6


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: in every file.
        kind: of its values, some of which may be None.
        meaning: for whoever reads the file.
    """

    name: str
    kind: Kind
    meaning: str


FILE: Final = Column("file", str, "path of the photo")
FACE_ID: Final = Column("face_id", int, "number of the face in its photo, from 1, left to right")
OF_PHOTO: Final = (
    FILE,
    Column("file_sha256", str, "SHA-256 of the photo; empty if it was not read to its end"),
    Column("status", str, "`face`, `no face` or `failed`"),
    Column("reason", str, "why the file failed, as a keyword"),
    Column("message", str, "why the file failed, as a sentence"),
    Column("width", int, "width of the upright photo in pixels"),
    Column("height", int, "height of the upright photo in pixels"),
    FACE_ID,
)
OF_TRACK: Final = (
    Column("timestamp_s", float, "time of the frame in seconds from the start"),
    Column("frame", int, "number of the frame, from 0; live, among those analyzed"),
    Column("track_id", int, "the same number for the same face over time, from 1"),
)
BOX: Final = (
    Column("x1", float, "left edge of the face in pixels"),
    Column("y1", float, "top edge of the face in pixels"),
    Column("x2", float, "right edge of the face in pixels"),
    Column("y2", float, "bottom edge of the face in pixels"),
)
DETECTION_SCORE: Final = Column(
    "detection_score", float, "how confident the detector is that this is a face, from 0 to 1"
)
LANDMARK: Final = tuple(
    Column(f"{name}_{axis}", float, f"{axis} of the {name.replace('_', ' ')} in pixels")
    for name in LANDMARKS
    for axis in "xy"
)
PREDICTION: Final = (
    Column("prediction", str, f"one of the labels, or `{UNCERTAIN}`; what summaries count"),
    Column("top_label", str, "the most probable label, whatever its probability"),
    Column("confidence", float, "probability of `top_label`"),
)
HYSTERESIS: Final = Column(
    "hysteresis",
    bool,
    "whether `prediction` is kept from earlier frames: it is not what `top_label`, `confidence` "
    "and `threshold` alone would give",
)
MISSED: Final = Column(
    "missed", bool, "whether the detector just lost the face: its box is a guess, the rest is old"
)
OF_RUN: Final = (
    Column("model", str, "name of the model"),
    Column("model_checksum", str, "SHA-256 of its weights"),
    Column("detector", str, "name of the face detector"),
    Column("threshold", float, f"a confidence below it makes the prediction `{UNCERTAIN}`"),
)
PROBABILITY: Final = Column(
    "p_<label>",
    float,
    "probability of each label; they sum to 1, and in videos are averaged over time",
)
UNIT_PROBABILITY: Final = Column(
    "p_<action unit>", float, "probability of each action unit, of models that predict them"
)

ALL: Final = (
    *OF_PHOTO,
    *OF_TRACK,
    *BOX,
    DETECTION_SCORE,
    *LANDMARK,
    *PREDICTION,
    HYSTERESIS,
    MISSED,
    PROBABILITY,
    UNIT_PROBABILITY,
    *OF_RUN,
)
"""Every column that there is."""


def names_of(columns: Iterable[Column]) -> list[str]:
    """Returns the names of columns."""
    return [column.name for column in columns]


def photo_columns(labels: Sequence[str], action_units: Sequence[str]) -> tuple[Column, ...]:
    """Returns the columns of a table of photos, in order.

    Args:
        labels: the model's classes.
        action_units: the action units that the model reads.
    """
    return (
        *OF_PHOTO,
        *BOX,
        DETECTION_SCORE,
        *LANDMARK,
        *PREDICTION,
        *_probabilities(labels, action_units),
        *OF_RUN,
    )


def image_columns(labels: Sequence[str], action_units: Sequence[str]) -> tuple[Column, ...]:
    """Returns the columns of the faces of one picture: those of a photo but for its file."""
    return (
        FACE_ID,
        *BOX,
        DETECTION_SCORE,
        *PREDICTION,
        *_probabilities(labels, action_units),
        *OF_RUN,
    )


def track_columns(
    labels: Sequence[str], action_units: Sequence[str], *, is_live: bool = False
) -> tuple[Column, ...]:
    """Returns the columns of a table of faces over time, in order.

    Args:
        labels: the model's classes.
        action_units: the action units that the model reads.
        is_live: whether it also tells faces that were not seen on a frame.
    """
    return (
        *OF_TRACK,
        *BOX,
        DETECTION_SCORE,
        *PREDICTION,
        HYSTERESIS,
        *((MISSED,) if is_live else ()),
        *_probabilities(labels, action_units),
        *OF_RUN,
    )


def face_values(
    face: FaceResult, threshold: float, over_time: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """Returns what the columns say of one face, but for where it is and what predicted it.

    Args:
        face: a face of a picture or a frame.
        threshold: a confidence below it makes the prediction uncertain.
        over_time: what is to be said of a followed face besides.
    """
    top_label, confidence = face.top(1)[0]
    pixels = zip(names_of(BOX), face.xyxy, strict=True)
    probabilities = dict(zip(face.labels, face.probabilities.tolist(), strict=True))
    return {
        **{name: round(float(value), PIXEL_DIGITS) for name, value in pixels},
        DETECTION_SCORE.name: round(face.detection_score, PROBABILITY_DIGITS),
        "prediction": face.prediction(threshold),
        "top_label": top_label,
        "confidence": rounded_confidence(confidence, threshold),
        **(over_time or {}),
        **{
            f"p_{name}": round(value, PROBABILITY_DIGITS)
            for name, value in (probabilities | dict(face.action_units)).items()
        },
    }


def rounded_confidence(confidence: float, threshold: float) -> float:
    """Rounds a confidence, but never across the threshold that it is compared with."""
    rounded = round(confidence, PROBABILITY_DIGITS)
    return rounded if (rounded < threshold) == (confidence < threshold) else confidence


def is_kept(prediction: str, top_label: str, confidence: float, threshold: float) -> bool:
    """Tells whether hysteresis made a prediction: one frame alone would give another."""
    return prediction != (UNCERTAIN if confidence < threshold else top_label)


def _probabilities(labels: Sequence[str], action_units: Sequence[str]) -> Iterable[Column]:
    for name in labels:
        yield Column(f"p_{name}", float, PROBABILITY.meaning)
    for name in action_units:
        yield Column(f"p_{name}", float, UNIT_PROBABILITY.meaning)
