"""FER2013 as one table: `fer2013.csv` and Kaggle's `icml_face_data.csv`, perhaps in an archive."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.evaluation.dataset import FER2013_COUNTS
from fer_core.fer2013 import find_fer2013_file
from fer_core.labels import FER2013
from training.datasets.csv_rows import read_rows
from training.datasets.dataset import IMAGE_SIZE, SPLITS, FaceDataset, Split
from training.datasets.published_order import USAGES, with_published_rows

COLUMNS: Final = ("emotion", "pixels", "usage")
_SPLIT_OF: Final = {usage.lower(): split for usage, split in USAGES.items()}
_N_PIXELS: Final = IMAGE_SIZE * IMAGE_SIZE


def find_fer2013_csv(path: Path) -> Path | None:
    """Returns `path` if it is a file, else the FER2013 file in the folder `path` if it has one."""
    return path if path.is_file() else find_fer2013_file(path)


def read_fer2013_csv(path: Path) -> FaceDataset:
    """Reads FER2013 from a CSV file with the columns emotion, pixels and Usage, in any order.

    Column names are compared without regard to case and spaces around them, which covers both
    published headers; other columns are not looked at.

    A row is told by its pixels (`fer_core.fer2013.published_rows`). The published file in another
    order is put back into its own. In any other file, rows with the pixels of a published row have
    its number, the others have numbers from the end of the published file on, and `notes` says so.

    Args:
        path: a CSV file, perhaps compressed or in an archive; see
            `fer_core.fer2013.csv_file.open_csv`.

    Raises:
        DatasetError: the file cannot be read, or a row is torn or out of range; the message names
            the file, the line, what was expected and what was received.
    """
    return with_published_rows(parse_fer2013_csv(path))


def parse_fer2013_csv(path: Path) -> FaceDataset:
    """Reads the rows as they are: in the order of the file and numbered by it.

    Raises what `read_fer2013_csv` does.
    """
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    split: list[Split] = []
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    emotion, pixels, usage = _column_positions(header, path)
    with warnings.catch_warnings():
        # numpy.fromstring warns, or raises ValueError, where it stops at something not a number.
        warnings.simplefilter("error", DeprecationWarning)
        for line, row in rows:
            where = f"{path}, line {line}"
            if len(row) != len(header):
                raise DatasetError(
                    f"{where}: expected {len(header)} columns, received {len(row)}. "
                    "The row is torn; the file may not have been downloaded completely."
                )
            labels.append(_parse_label(row[emotion], where))
            images.append(_parse_pixels(row[pixels], where))
            split.append(_parse_usage(row[usage], where))
    _require_all_splits(split, path)
    return FaceDataset(
        name="fer2013",
        images=np.stack(images).reshape(-1, IMAGE_SIZE, IMAGE_SIZE),
        labels=np.array(labels, np.int64),
        label_names=FER2013,
        split=np.array(split),
        row_id=np.arange(len(images), dtype=np.int64),
        notes=_notes_on_counts(labels, split),
    )


def _column_positions(header: list[str], path: Path) -> tuple[int, int, int]:
    names = [name.strip().lower() for name in header]
    if missing := [column for column in COLUMNS if column not in names]:
        raise DatasetError(
            f"{path}, line 1: expected a header with the columns emotion, pixels, Usage; "
            f"missing: {', '.join(missing)}. Received: {','.join(header)[:80]!r}"
        )
    if repeated := [column for column in COLUMNS if names.count(column) > 1]:
        raise DatasetError(
            f"{path}, line 1: expected the columns emotion, pixels, Usage once each; repeated: "
            f"{', '.join(repeated)}."
        )
    emotion, pixels, usage = (names.index(column) for column in COLUMNS)
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
            f"{where}: pixels must be whole numbers separated by spaces. Received: {torn[:40]!r}"
        ) from None
    if len(values) != _N_PIXELS:
        raise DatasetError(
            f"{where}: expected {_N_PIXELS} pixels ({IMAGE_SIZE}x{IMAGE_SIZE}), "
            f"received {len(values)}."
        )
    if values.min() < 0 or values.max() > 255:
        position = int(np.flatnonzero((values < 0) | (values > 255))[0])
        raise DatasetError(
            f"{where}: pixels must lie in 0..255. "
            f"Received: {values[position]} as pixel {position + 1}"
        )
    return values.astype(np.uint8)


def _parse_usage(text: str, where: str) -> Split:
    split = _SPLIT_OF.get(text.strip().lower())
    if split is None:
        raise DatasetError(
            f"{where}: Usage must be one of {', '.join(USAGES)}. Received: {text[:40]!r}"
        )
    return split


def _require_all_splits(split: list[Split], path: Path) -> None:
    if missing := [usage for usage, name in USAGES.items() if name not in split]:
        raise DatasetError(
            f"{path}: expected rows with Usage {', '.join(USAGES)}; none of {len(split):,} rows is "
            f"{' or '.join(missing)}. The file may not have been downloaded completely."
        )


def _notes_on_counts(labels: list[int], split: list[Split]) -> tuple[str, ...]:
    rows = Counter(zip(split, labels, strict=True))
    official = {
        (USAGES[usage], label): count
        for usage, counts in FER2013_COUNTS.items()
        for label, count in enumerate(counts)
    }
    if rows == official:
        return ()
    received = " / ".join(f"{split.count(name):,}" for name in SPLITS)
    published = " / ".join(f"{sum(counts):,}" for counts in FER2013_COUNTS.values())
    return (
        "This is not the published FER2013, or not all of it. Rows for training / validation / "
        f"test: {received}; published: {published}, and so many of each class.",
    )
