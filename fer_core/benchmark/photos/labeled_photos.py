"""Labeled photos before they are analyzed: their names, classes, and how their bytes are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark import LabeledRows
from fer_core.benchmark.photos.class_matching import ClassMatching
from fer_core.errors import InputRejected
from fer_core.files import Skipped
from fer_core.imaging import decode_image, read_image_bytes


class ReadPhoto(Protocol):
    """Reads the bytes of a photo by its name; can be pickled for other processes."""

    def __call__(self, name: str) -> bytes:
        """Returns the bytes.

        Raises:
            InputRejected: the photo cannot be read.
        """


@dataclass(frozen=True)
class ReadFile:
    """Reads photos from a folder."""

    folder: Path

    def __call__(self, name: str) -> bytes:
        """Returns the bytes of a file.

        Raises:
            InputRejected: it cannot be read.
        """
        return read_image_bytes(self.folder / name)


@dataclass(frozen=True, eq=False)
class LabeledPhotos:
    """n photos with the class that somebody gave them.

    Attributes:
        name: of the source, such as the folder's.
        ids: n unique names, relative to the source.
        class_names: n class names as in the source.
        read: reads a photo by its id.
        columns: values to slice by; see `LabeledRows`.
        boxes: `(n, 4)` float64, the labeled face in pixels of the upright photo, NaN where it is
            not given; None if it never is.
        people: n names of the person in the photo; None if unknown.
        folder: that `files` are relative to; None if the photos are in memory.
        files: n paths of the photos; empty if they are in memory.
        skipped: files of the source that are not photos with a class.
    """

    name: str
    ids: tuple[str, ...]
    class_names: tuple[str, ...]
    read: ReadPhoto
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    boxes: NDArray[np.float64] | None = None
    people: tuple[str, ...] | None = None
    folder: Path | None = None
    files: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def box(self, row: int) -> NDArray[np.float64] | None:
        """Returns the labeled face of a photo; None if it is not given."""
        if self.boxes is None or not np.isfinite(self.boxes[row]).all():
            return None
        return np.asarray(self.boxes[row])

    def path(self, row: int) -> Path:
        """Returns the file of a photo.

        Raises:
            ValueError: the photos are in memory.
        """
        if self.folder is None:
            raise ValueError("The photos are in memory.")
        return self.folder / self.files[row]

    def rows_of(self, matching: ClassMatching) -> NDArray[np.int64]:
        """Returns the positions of the photos whose class is read as a label."""
        return np.array(
            [row for row, name in enumerate(self.class_names) if name in matching.read_as], np.int64
        )

    def labeled(self, matching: ClassMatching) -> LabeledRows:
        """Returns the photos whose class is read as a label, with these labels.

        Raises:
            InputRejected: there is none.
        """
        rows = self.rows_of(matching)
        if not len(rows):
            raise InputRejected(
                "No photo has a known class. Name the folders or labels as the expressions, or "
                "state what they are.",
                reason="empty",
            )
        labels = matching.labels
        classes = [labels.index(matching.read_as[self.class_names[row]]) for row in rows]
        people = None
        if self.people is not None:
            people = np.unique([self.people[row] for row in rows], return_inverse=True)[1]
        return LabeledRows(
            id=tuple(self.ids[row] for row in rows),
            labels=labels,
            label=np.array(classes, np.int64),
            columns={name: values[rows] for name, values in self.columns.items()},
            subject=people,
        )


def thumbnail(data: bytes, side: int) -> NDArray[np.uint8]:
    """Returns the middle square of a photo.

    Args:
        data: content of the file.
        side: in pixels.

    Returns:
        `(side, side, 3)` RGB uint8.

    Raises:
        InputRejected: it cannot be decoded.
    """
    image = decode_image(data)
    height, width = image.shape[:2]
    middle = min(height, width)
    top, left = (height - middle) // 2, (width - middle) // 2
    square = image[top : top + middle, left : left + middle]
    return np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
