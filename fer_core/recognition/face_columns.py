"""The columns of every table of faces that this project writes.

Tables of photos locate a face by file, those of videos and live recordings by time and track; the
columns for the prediction and its source are the same. `docs/outputs.md` shows this list as a
table.

>>> columns = photo_columns(("happy", "sad"), ())
>>> [column.name for column in columns if column.kind is str]
['file', 'file_sha256', 'status', 'reason', 'message', 'prediction', ...]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fer_core.faces import LANDMARKS

Value = str | int | float | bool | None
Row = dict[str, Value]
Kind = type[str] | type[int] | type[float] | type[bool]

UNCERTAIN: Final = "uncertain"
"""The prediction when the confidence is below the threshold."""

UNCERTAIN_BELOW: Final = 0.5
"""Default threshold: a prediction with a lower confidence is `uncertain`."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: the column name, the same in every file.
        kind: type of the values, some of which may be None.
        meaning: description for readers of the file.
    """

    name: str
    kind: Kind
    meaning: str


def _landmark_in_words(name: str) -> str:
    words = name.replace("_", " ")
    return f"{words} corner" if words.endswith("mouth") else words


FILE: Final = Column("file", str, "path of the photo file")
FACE_ID: Final = Column("face_id", int, "index of the face in its photo, from 1, left to right")
OF_PHOTO: Final = (
    FILE,
    Column("file_sha256", str, "SHA-256 of the photo; empty if it was not read completely"),
    Column("status", str, "`face`, `no face` or `failed`"),
    Column("reason", str, "why the file failed: a keyword"),
    Column("message", str, "why the file failed: a sentence"),
    Column("width", int, "width of the photo in pixels, after EXIF rotation"),
    Column("height", int, "height of the photo in pixels, after EXIF rotation"),
    FACE_ID,
)
OF_FRAME: Final = (
    Column("timestamp_s", float, "time of the frame in seconds from the start"),
    Column(
        "frame", int, "index of the frame, from 0; in live recordings, among the analyzed frames"
    ),
)
TRACK_ID: Final = Column(
    "track_id", int, "track ID: the same number for the same face over time, from 1"
)
BOX: Final = (
    Column("x1", float, "left edge of the face in pixels"),
    Column("y1", float, "top edge of the face in pixels"),
    Column("x2", float, "right edge of the face in pixels"),
    Column("y2", float, "bottom edge of the face in pixels"),
)
DETECTION_SCORE: Final = Column(
    "detection_score", float, "confidence of the face detector, from 0 to 1"
)
LANDMARK: Final = tuple(
    Column(f"{name}_{axis}", float, f"{axis} of the {_landmark_in_words(name)} in pixels")
    for name in LANDMARKS
    for axis in "xy"
)
PREDICTION: Final = (
    Column(
        "prediction",
        str,
        f"predicted label, or `{UNCERTAIN}` below the threshold; summaries count this column",
    ),
    Column("top_label", str, "the most probable label, even below the threshold"),
    Column("confidence", float, "probability of `top_label`"),
)
HYSTERESIS: Final = Column(
    "hysteresis",
    bool,
    "whether hysteresis kept `prediction` from earlier frames, so that it differs from what "
    "`top_label`, `confidence` and `threshold` alone would give",
)
MISSED: Final = Column(
    "missed",
    bool,
    "whether the last detection missed the face: its box is extrapolated, all other values are "
    "from when it was last seen",
)
OF_RUN: Final = (
    Column("model", str, "name of the model"),
    Column("model_checksum", str, "SHA-256 of the model's weights"),
    Column("detector", str, "name of the face detector"),
    Column("threshold", float, f"confidence threshold: below it the prediction is `{UNCERTAIN}`"),
)
PROBABILITY: Final = Column(
    "p_<label>",
    float,
    "probability of each label; they sum to 1; in videos and live, smoothed over time",
)
UNIT_PROBABILITY: Final = Column(
    "p_<action unit>",
    float,
    "probability of each action unit, for models that predict action units",
)

ALL: Final = (
    *OF_PHOTO,
    *OF_FRAME,
    TRACK_ID,
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
"""All columns."""


def names_of(columns: Iterable[Column]) -> list[str]:
    """Returns the names of columns."""
    return [column.name for column in columns]


def photo_columns(labels: Sequence[str], action_units: Sequence[str]) -> tuple[Column, ...]:
    """Returns the columns of a table of photos for a model's labels and action units, in order."""
    return _columns(OF_PHOTO, labels, action_units, points=LANDMARK)


def image_columns(
    labels: Sequence[str], action_units: Sequence[str], *, is_tracked: bool = False
) -> tuple[Column, ...]:
    """Returns those of one image, without file; if tracked, of a live frame without its time."""
    if is_tracked:
        return _columns((TRACK_ID,), labels, action_units, over_time=(HYSTERESIS, MISSED))
    return _columns((FACE_ID,), labels, action_units)


def track_columns(
    labels: Sequence[str], action_units: Sequence[str], *, is_live: bool = False
) -> tuple[Column, ...]:
    """Returns those of faces over time; `missed` is only in live recordings."""
    over_time = (HYSTERESIS, MISSED) if is_live else (HYSTERESIS,)
    return _columns((*OF_FRAME, TRACK_ID), labels, action_units, over_time=over_time)


def _columns(
    place: Iterable[Column],
    labels: Sequence[str],
    action_units: Sequence[str],
    *,
    points: Iterable[Column] = (),
    over_time: Iterable[Column] = (),
) -> tuple[Column, ...]:
    return (
        *place,
        *BOX,
        DETECTION_SCORE,
        *points,
        *PREDICTION,
        *over_time,
        *(Column(f"p_{name}", float, PROBABILITY.meaning) for name in labels),
        *(Column(f"p_{name}", float, UNIT_PROBABILITY.meaning) for name in action_units),
        *OF_RUN,
    )
