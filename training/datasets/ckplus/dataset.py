"""CK+ in columns, one row per peak frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.labels import CKPLUS, CKPLUS_ACTION_UNITS, HIGH_LEVEL
from training.datasets import IMAGE_SIZE

FRAMES_PER_SEQUENCE: Final = 3
"""A sequence runs from neutral to the peak; its last three frames are used as peak frames."""

UNKNOWN: Final = -1
"""Marks an action unit that was not coded."""

_SEQUENCES: Final = 327
_SUBJECTS: Final = 118


@dataclass(frozen=True, eq=False, kw_only=True)
class CkPlusDataset:
    """Labeled peak frames, three rows per sequence, ordered by the name of the frame.

    Attributes:
        images: `(n, 48, 48)` uint8, gray faces.
        label: `(n,)` int64, indices into `fer_core.labels.emotions.CKPLUS`.
        high_level: `(n,)` int64, indices into `fer_core.labels.emotions.HIGH_LEVEL`.
        action_units: `(n, 15)` int8 in the order of `CKPLUS_ACTION_UNITS`: 1 where the unit is
            present, 0 where absent, all `UNKNOWN` where a frame was not coded.
        subject: `(n,)` strings such as `S005`.
        sequence: `(n,)` strings such as `S005_001`.
        frame: `(n,)` strings such as `S005_001_00000011`; the position in this order is the row id.
        notes: messages for the user.
    """

    images: NDArray[np.uint8]
    label: NDArray[np.int64]
    high_level: NDArray[np.int64]
    action_units: NDArray[np.int8]
    subject: NDArray[np.str_]
    sequence: NDArray[np.str_]
    frame: NDArray[np.str_]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.images)
        shapes = {
            "images": (n, IMAGE_SIZE, IMAGE_SIZE),
            "action_units": (n, len(CKPLUS_ACTION_UNITS)),
            **dict.fromkeys(("label", "high_level", "subject", "sequence", "frame"), (n,)),
        }
        for name, shape in shapes.items():
            if (received := getattr(self, name).shape) != shape:
                raise DatasetError(f"CK+: {name} must have shape {shape}. Received: {received}")
        _require_range("label", self.label, 0, len(CKPLUS) - 1)
        _require_range("high_level", self.high_level, 0, len(HIGH_LEVEL) - 1)
        _require_range("action_units", self.action_units, UNKNOWN, 1)
        if len(np.unique(self.frame)) != n:
            raise DatasetError("CK+: a frame must not occur twice.")
        for sequence in np.unique(self.sequence):
            self._check_sequence(sequence)

    def __len__(self) -> int:
        return len(self.images)

    def _check_sequence(self, name: str) -> None:
        rows = np.flatnonzero(self.sequence == name)
        if len(rows) != FRAMES_PER_SEQUENCE:
            raise DatasetError(
                f"CK+: sequence {name} must have {FRAMES_PER_SEQUENCE} peak frames. "
                f"Received: {', '.join(self.frame[rows])}"
            )
        for column in ("label", "high_level", "action_units", "subject"):
            values = getattr(self, column)[rows]
            if (values != values[0]).any():
                raise DatasetError(
                    f"CK+: the frames of sequence {name} must have the same {column}. "
                    f"Received: {values.tolist()}"
                )

    @property
    def is_coded(self) -> NDArray[np.bool_]:
        """`(n,)`, whether the action units of a row are known."""
        return np.asarray((self.action_units != UNKNOWN).all(axis=1))


def count_note(sequence: NDArray[np.str_], subject: NDArray[np.str_]) -> tuple[str, ...]:
    """Notes that these are not all labeled sequences of CK+, if some are missing."""
    sequences, subjects = len(np.unique(sequence)), len(np.unique(subject))
    if (sequences, subjects) == (_SEQUENCES, _SUBJECTS):
        return ()
    return (
        f"{sequences} labeled sequences of {subjects} subjects were read; "
        f"CK+ has {_SEQUENCES} of {_SUBJECTS}.",
    )


def _require_range(name: str, values: NDArray[np.integer], low: int, high: int) -> None:
    if len(values) and not (values.min() >= low and values.max() <= high):
        raise DatasetError(
            f"CK+: {name} must lie in {low}..{high}. Received: {values.min()}..{values.max()}"
        )
