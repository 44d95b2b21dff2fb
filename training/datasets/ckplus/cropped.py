"""CK+48: peak frames already cropped to 48x48, with a table of action units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.fer2013 import read_rows
from fer_core.labels import CKPLUS, CKPLUS_ACTION_UNITS, HIGH_LEVEL, canonical_label
from fer_core.preprocessing import PreprocessingConfig, stages
from training.datasets import IMAGE_SIZE, list_files, read_picture, suffix_counts
from training.datasets.ckplus.dataset import CkPlusDataset, count_note

LABELS_FILE: Final = "data_labels.csv"

_FRAME_NAME: Final = re.compile(r"(S\d{3})_\d{3}_\d{8}")
_COLUMNS: Final = ("file_prefix", *CKPLUS_ACTION_UNITS, "high_level_emotion")
_AS_IS: Final = PreprocessingConfig(size=IMAGE_SIZE)


@dataclass(frozen=True)
class _SequenceLabels:
    frame: str
    action_units: tuple[int, ...]
    high_level: str


def read_cropped(folder: Path, labels_file: Path) -> CkPlusDataset:
    """Reads `CK+48/<emotion>/S###_###_########.png`, or another format, and `data_labels.csv`.

    The table has one row per sequence: `file_prefix` names one of its frames, fifteen columns say
    which action units are present (0 or 1), and `high_level_emotion` is negative, positive or
    surprise. Rows of sequences without pictures are left out.

    Raises:
        DatasetError: a folder, picture, column or row is missing, unknown or unreadable; the
            message names it.
    """
    pictures = _list_pictures(folder)
    frames = sorted(pictures)
    sequences = [frame[: len("S005_001")] for frame in frames]
    labels = _read_labels(labels_file)
    if missing := sorted(set(sequences) - set(labels)):
        raise DatasetError(
            f"{labels_file}: expected a row for every sequence in {folder}. "
            f"Received: none for {', '.join(missing[:5])} ({len(missing)} in all)"
        )
    for sequence in sorted(set(sequences)):
        if labels[sequence].frame not in pictures:
            raise DatasetError(
                f"{labels_file}: file_prefix must name a picture of its sequence. Received: "
                f"{labels[sequence].frame}, which is not in {folder}"
            )
    rows = [labels[sequence] for sequence in sequences]
    subject = np.array([frame[: len("S005")] for frame in frames])
    sequence_names = np.array(sequences)
    return CkPlusDataset(
        images=np.stack([_read_gray(pictures[frame]) for frame in frames]),
        label=np.array([_label(pictures[frame].parent) for frame in frames], np.int64),
        high_level=np.array([HIGH_LEVEL.index(row.high_level) for row in rows], np.int64),
        action_units=np.array([row.action_units for row in rows], np.int8),
        subject=subject,
        sequence=sequence_names,
        frame=np.array(frames),
        notes=count_note(sequence_names, subject),
    )


def _list_pictures(folder: Path) -> dict[str, Path]:
    pictures: dict[str, Path] = {}
    files = list_files(folder)
    for path in files.pictures:
        if not _FRAME_NAME.fullmatch(path.stem):
            raise DatasetError(
                f"{path}: expected a name such as S005_001_00000011.png. Received: {path.name}"
            )
        if path.stem in pictures:
            raise DatasetError(f"The same frame twice: {pictures[path.stem]} and {path}")
        pictures[path.stem] = path
    if not pictures:
        raise DatasetError(
            f"{folder}: expected pictures as <emotion>/S005_001_00000011.png. "
            f"Received: {suffix_counts(files.others) or 'none'}"
        )
    return pictures


def _label(class_folder: Path) -> int:
    try:
        return CKPLUS.index(canonical_label(class_folder.name))
    except ValueError:
        raise DatasetError(
            f"{class_folder}: unknown class. A class folder of CK+ is called one of "
            f"{', '.join(CKPLUS)} (or a common synonym). Received: {class_folder.name!r}"
        ) from None


def _read_gray(path: Path) -> NDArray[np.uint8]:
    image = read_picture(path)
    height, width = image.shape[:2]
    if (height, width) != (IMAGE_SIZE, IMAGE_SIZE):
        raise DatasetError(
            f"{path}: expected a face of {IMAGE_SIZE}x{IMAGE_SIZE} pixels. "
            f"Received: {width}x{height} pixels"
        )
    return stages(image, _AS_IS).resized


def _read_labels(path: Path) -> dict[str, _SequenceLabels]:
    """The rows of the table by sequence."""
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    if missing := [name for name in _COLUMNS if name not in names]:
        raise DatasetError(
            f"{path}: expected the columns {', '.join(_COLUMNS)}. Received: no {', '.join(missing)}"
        )
    labels: dict[str, _SequenceLabels] = {}
    for line, fields in rows:
        if len(fields) != len(names):
            raise DatasetError(
                f"{path}, line {line}: expected {len(names)} fields. Received: {len(fields)}"
            )
        frame, parsed = _parse(path, line, dict(zip(names, fields, strict=True)))
        sequence = frame[: len("S005_001")]
        if sequence in labels:
            raise DatasetError(f"{path}, line {line}: a second row for sequence {sequence}")
        labels[sequence] = parsed
    return labels


def _parse(path: Path, line: int, row: dict[str, str]) -> tuple[str, _SequenceLabels]:
    frame, high_level = row["file_prefix"].strip(), row["high_level_emotion"].strip()
    if not _FRAME_NAME.fullmatch(frame):
        raise DatasetError(
            f"{path}, line {line}, column file_prefix: expected a name such as "
            f"S005_001_00000011. Received: {frame!r}"
        )
    if high_level not in HIGH_LEVEL:
        raise DatasetError(
            f"{path}, line {line}, column high_level_emotion: expected one of "
            f"{', '.join(HIGH_LEVEL)}. Received: {high_level!r}"
        )
    for unit in CKPLUS_ACTION_UNITS:
        if row[unit].strip() not in ("0", "1"):
            raise DatasetError(
                f"{path}, line {line}, column {unit}: expected 0 or 1. Received: {row[unit]!r}"
            )
    units = tuple(int(row[unit]) for unit in CKPLUS_ACTION_UNITS)
    return frame, _SequenceLabels(frame, units, high_level)
