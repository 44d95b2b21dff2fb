"""The rows of FER2013: `fer2013.csv` or Kaggle's `icml_face_data.csv`, perhaps in an archive."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.fer2013.csv_file import read_rows
from fer_core.files import cached_arrays
from fer_core.labels import FER2013

USAGES: Final = ("Training", "PublicTest", "PrivateTest")
"""The names of the splits in the column Usage."""

_IMAGE_SIZE: Final = 48
_COLUMNS: Final = ("emotion", "pixels", "usage")
_USAGE_OF: Final = {usage.lower(): usage for usage in USAGES}
_N_PIXELS: Final = _IMAGE_SIZE * _IMAGE_SIZE
_LAYOUT: Final = "FER2013 table 1"
"""Increase the number if the reader's result for the same file changes."""


@dataclass(frozen=True, eq=False)
class Fer2013Table:
    """The rows of a FER2013 file, unchanged and in order.

    Attributes:
        images: `(n, 48, 48)` uint8, gray.
        label: `(n,)` int64, indices into `labels.FER2013`.
        usage: `(n,)` strings, each one of `USAGES`.
    """

    images: NDArray[np.uint8]
    label: NDArray[np.int64]
    usage: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.images)


def load_table(path: Path) -> Fer2013Table:
    """Reads the rows: first from the file, which takes seconds, later from the cache.

    Column names are compared ignoring case and surrounding spaces, which covers both published
    headers; other columns are ignored.

    Args:
        path: a CSV file with the columns emotion, pixels and Usage, perhaps compressed or in an
            archive; see `fer_core.fer2013.csv_file.open_csv`.

    Raises:
        DatasetError: the file cannot be read, or a row is incomplete or out of range; the message
            names the file, the line, what was expected and what was received.
    """
    arrays = cached_arrays(path, [path], lambda: vars(_read_table(path)), layout=_LAYOUT)
    return Fer2013Table(**arrays)


def _read_table(path: Path) -> Fer2013Table:
    images: list[NDArray[np.uint8]] = []
    label: list[int] = []
    usage: list[str] = []
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    emotion_at, pixels_at, usage_at = _column_positions(header, path)
    with warnings.catch_warnings():
        # numpy.fromstring warns, or raises ValueError, at something that is not a number.
        warnings.simplefilter("error", DeprecationWarning)
        for line, row in rows:
            where = f"{path}, line {line}"
            if len(row) != len(header):
                raise DatasetError(
                    f"{where}: expected {len(header)} columns, received {len(row)}. "
                    "The row is incomplete; the download may not have finished."
                )
            label.append(_parse_label(row[emotion_at], where))
            images.append(_parse_pixels(row[pixels_at], where))
            usage.append(_parse_usage(row[usage_at], where))
    return Fer2013Table(
        images=np.array(images, np.uint8).reshape(-1, _IMAGE_SIZE, _IMAGE_SIZE),
        label=np.array(label, np.int64),
        usage=np.array(usage, np.str_),
    )


def _column_positions(header: list[str], path: Path) -> tuple[int, int, int]:
    names = [name.strip().lower() for name in header]
    if missing := [column for column in _COLUMNS if column not in names]:
        raise DatasetError(
            f"{path}, line 1: expected a header with the columns emotion, pixels, Usage; "
            f"missing: {', '.join(missing)}. Received: {','.join(header)[:80]!r}"
        )
    if repeated := [column for column in _COLUMNS if names.count(column) > 1]:
        raise DatasetError(
            f"{path}, line 1: expected the columns emotion, pixels, Usage once each; repeated: "
            f"{', '.join(repeated)}."
        )
    emotion, pixels, usage = (names.index(column) for column in _COLUMNS)
    return emotion, pixels, usage


def _parse_label(text: str, where: str) -> int:
    cleaned = text.strip()
    if not (cleaned.isascii() and cleaned.isdigit() and int(cleaned) < len(FER2013)):
        raise DatasetError(
            f"{where}: unknown class; emotion must be 0..{len(FER2013) - 1} "
            f"({', '.join(FER2013)}). Received: {text[:40]!r}"
        )
    return int(cleaned)


def _parse_pixels(text: str, where: str) -> NDArray[np.uint8]:
    try:
        values = np.fromstring(text, np.int64, sep=" ")
    except (DeprecationWarning, ValueError):
        torn = next((word for word in text.split() if not word.isdigit()), "")
        raise DatasetError(
            f"{where}: pixels must be integers separated by spaces. Received: {torn[:40]!r}"
        ) from None
    if len(values) != _N_PIXELS:
        raise DatasetError(
            f"{where}: expected {_N_PIXELS} pixels ({_IMAGE_SIZE}x{_IMAGE_SIZE}), "
            f"received {len(values)}."
        )
    if values.min() < 0 or values.max() > 255:
        position = int(np.flatnonzero((values < 0) | (values > 255))[0])
        raise DatasetError(
            f"{where}: pixels must be in 0..255. "
            f"Received: {values[position]} as pixel {position + 1}"
        )
    return values.astype(np.uint8)


def _parse_usage(text: str, where: str) -> str:
    usage = _USAGE_OF.get(text.strip().lower())
    if usage is None:
        raise DatasetError(
            f"{where}: Usage must be one of {', '.join(USAGES)}. Received: {text[:40]!r}"
        )
    return usage
