"""Saved evaluations: a folder each, with numbers only, no pictures.

    evaluations/<name>/evaluation.json  names, labels, notes; see `EvaluationRecord`
    evaluations/<name>/photos.parquet   id, label, subject, and the columns for slices
    evaluations/<name>/entry_0.npz      row, probabilities, reasons, xyxy of the first entry

>>> store = EvaluationStore.default()
>>> store.save(evaluation)
>>> store.load("mine").entries.keys()
dict_keys(['cnn', 'ensemble'])
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.evaluation_record import (
    NAME_PATTERN,
    PHOTOS_FILE,
    RECORD_FILE,
    EntryRecord,
    EvaluationRecord,
    entry_file,
    read_record,
)
from fer_core.benchmark.photo_evaluation import EvaluationEntry, LabeledRows, PhotoEvaluation
from fer_core.errors import EvaluationError, OutputError
from fer_core.evaluation.reliability import Calibration
from fer_core.files import (
    atomic_directory,
    atomic_write,
    atomic_write_text,
    read_npz,
    readable_name,
    shown,
    unwritable,
)
from fer_core.paths import ASSETS, evaluations_directory

_COLUMN: Final = "column "
"""Prefix of the user's columns, which may be named like one of the others."""


@dataclass(frozen=True)
class BrokenEvaluation:
    """A folder that cannot be used, and why."""

    name: str
    message: str


@dataclass(frozen=True)
class EvaluationListing:
    """The evaluations of a store.

    Attributes:
        records: the usable ones, without their arrays; the latest first.
        broken: the folders without a usable evaluation.
    """

    records: tuple[EvaluationRecord, ...]
    broken: tuple[BrokenEvaluation, ...]


@dataclass(frozen=True)
class EvaluationStore:
    """A folder of saved evaluations, one subfolder each, named as the evaluation.

    The folder may be missing. Nothing is cached: every method reads it again.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))  # a notebook may pass a string

    @classmethod
    def default(cls) -> EvaluationStore:
        """Returns the store in `FER_EVALUATIONS_DIR`, by default the project's `evaluations/`."""
        return cls(evaluations_directory())

    @classmethod
    def shipped(cls) -> EvaluationStore:
        """Returns the evaluations of the saved models on other datasets, which are included."""
        return cls(ASSETS / "evaluations")

    def list(self) -> EvaluationListing:
        """Reads every record; broken ones are listed with their error message."""
        exists = self.folder.is_dir()
        folders = sorted(path for path in self.folder.iterdir() if path.is_dir()) if exists else []
        records, broken = [], []
        for folder in folders:
            if folder.name.startswith((".", "_")):
                continue
            try:
                records.append(read_record(folder))
            except EvaluationError as error:
                broken.append(BrokenEvaluation(folder.name, str(error)))
        records.sort(key=lambda record: record.created, reverse=True)
        return EvaluationListing(tuple(records), tuple(broken))

    def load(self, name: str) -> PhotoEvaluation:
        """Reads one evaluation.

        Raises:
            EvaluationError: there is no such evaluation, or a file is missing or damaged.
        """
        folder = self._folder_of(name)
        if not folder.is_dir():
            known = ", ".join(record.name for record in self.list().records)
            raise EvaluationError(
                f"No evaluation {name!r} in {self.folder}. Saved evaluations: {known or 'none'}"
            )
        record = read_record(folder)
        try:
            photos = _read_photos(folder / PHOTOS_FILE, record)
            evaluation = PhotoEvaluation(
                name=record.name,
                created=record.created,
                photos=photos,
                entries={
                    entry.name: _entry(entry, read_npz(folder / entry_file(position)), len(photos))
                    for position, entry in enumerate(record.entries)
                },
                left_out=record.left_out,
                notes=record.notes,
            )
            for entry in evaluation.entries:
                evaluation.predictions(entry)  # checks the probabilities
        except KeyError as error:
            raise EvaluationError(f"{folder} is damaged: {error} is missing") from error
        except (OSError, ValueError, TypeError) as error:
            raise EvaluationError(f"{folder} is damaged: {error}") from error
        return evaluation

    def save(self, evaluation: PhotoEvaluation, *, overwrite: bool = False) -> Path:
        """Saves an evaluation atomically, in the folder of its name.

        Args:
            evaluation: a name of lowercase letters, digits, _ and -, at most 64.
            overwrite: whether an evaluation of this name is replaced.

        Returns:
            The new folder.

        Raises:
            EvaluationError: the name is not valid.
            OutputError: there is one of this name and `overwrite` is false, or it cannot be
                written.
        """
        target = self._folder_of(evaluation.name)
        name, what = evaluation.name, "The evaluation"
        try:
            with atomic_directory(self.folder, name, what, overwrite=overwrite) as folder:
                _write_photos(folder / PHOTOS_FILE, evaluation.photos)
                for position, entry in enumerate(evaluation.entries.values()):
                    _write_entry(folder / entry_file(position), entry)
                sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
                record = _record(evaluation, sizes).model_dump_json(indent=2)
                atomic_write_text(folder / RECORD_FILE, record + "\n")
        except OSError as error:
            raise unwritable(target, error) from error
        return target

    def check_free(self, name: str, *, overwrite: bool = False) -> None:
        """Checks, before any work, that an evaluation can be saved under a name.

        Raises:
            EvaluationError: the name is not valid.
            OutputError: there is one of this name and `overwrite` is false.
        """
        if self._folder_of(name).exists() and not overwrite:
            raise OutputError(
                f"There is an evaluation {name} in {shown(self.folder)}. Choose another name, or "
                "add --overwrite."
            )

    def _folder_of(self, name: str) -> Path:
        if not isinstance(name, str) or not re.fullmatch(NAME_PATTERN, name):
            raise EvaluationError(
                "The name of an evaluation has 1 to 64 lowercase letters, digits, _ and -, and "
                f"begins with a letter or a digit. Received: {name!r}"
            )
        return self.folder / name


def _record(evaluation: PhotoEvaluation, sizes: Mapping[str, int]) -> EvaluationRecord:
    photos = evaluation.photos
    return EvaluationRecord(
        name=evaluation.name,
        format=1,
        created=evaluation.created,
        photos=len(photos),
        labels=photos.labels,
        columns=tuple(photos.columns),
        measured=photos.measured,
        has_subjects=photos.subject is not None,
        split=photos.split,
        left_out=dict(evaluation.left_out),
        notes=evaluation.notes,
        entries=tuple(
            EntryRecord(
                name=name,
                title=readable_name(entry.title),
                kind=entry.kind,
                labels=entry.labels,
                faces=entry.faces,
                temperature=entry.calibration.temperature,
                label_smoothing=entry.calibration.label_smoothing,
                checksum=entry.checksum,
                notes=entry.notes,
                predicted=len(entry.row),
            )
            for name, entry in evaluation.entries.items()
        ),
        sizes=dict(sizes),
    )


def _write_photos(path: Path, photos: LabeledRows) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    columns: dict[str, Any] = {
        "id": pa.array([readable_name(each) for each in photos.id], pa.string()),
        "label": pa.array([photos.labels[each] for each in photos.label], pa.string()),
    }
    if photos.subject is not None:
        columns["subject"] = pa.array(photos.subject, pa.int64())
    for name, values in photos.columns.items():
        is_text = values.dtype.kind in "UO"
        columns[_COLUMN + name] = pa.array(values.tolist(), pa.string()) if is_text else values
    with atomic_write(path) as file:
        write_table(pa.table(columns), file)


def _read_photos(path: Path, record: EvaluationRecord) -> LabeledRows:
    import pyarrow as pa
    from pyarrow.parquet import read_table

    try:
        with path.open("rb") as file:
            table = read_table(file)
    except pa.ArrowException as error:
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    if table.num_rows != record.photos:
        raise ValueError(f"expected {record.photos} photos. Received: {table.num_rows}")
    return LabeledRows(
        id=tuple(table["id"].to_pylist()),
        labels=record.labels,
        label=_positions(table["label"].to_pylist(), record.labels),
        columns={name: _column(table[_COLUMN + name]) for name in record.columns},
        measured=record.measured,
        subject=table["subject"].to_numpy() if record.has_subjects else None,
        split=record.split,
    )


def _column(values: Any) -> NDArray[Any]:
    array = values.to_numpy()
    return np.array(array.tolist(), np.str_) if array.dtype.kind == "O" else np.array(array)


def _positions(names: list[str], labels: tuple[str, ...]) -> NDArray[np.int64]:
    if unknown := set(names) - set(labels):
        raise ValueError(f"unknown classes {', '.join(sorted(map(str, unknown)))}")
    position = {label: index for index, label in enumerate(labels)}
    return np.array([position[name] for name in names], np.int64)


def _write_entry(path: Path, entry: EvaluationEntry) -> None:
    boxes = {} if entry.xyxy is None else {"xyxy": entry.xyxy}
    with atomic_write(path) as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            row=entry.row,
            probabilities=entry.probabilities,
            reasons=entry.reasons,
            **boxes,
        )


def _entry(record: EntryRecord, arrays: dict[str, NDArray[Any]], photos: int) -> EvaluationEntry:
    row, reasons = arrays["row"], arrays["reasons"]
    if row.dtype.kind != "i" or row.ndim != 1 or (np.diff(row, prepend=-1) <= 0).any():
        raise ValueError(f"the rows of {record.name} must ascend from 0")
    if len(row) and row[-1] >= photos:
        raise ValueError(f"the rows of {record.name} must be below {photos}. Received: {row[-1]}")
    if reasons.shape != (photos,) or reasons.dtype.kind != "U":
        raise ValueError(f"{record.name} must have a reason for each of {photos} photos")
    return EvaluationEntry(
        name=record.name,
        title=record.title,
        kind=record.kind,
        labels=record.labels,
        row=row.astype(np.int64),
        probabilities=arrays["probabilities"].astype(np.float32),
        reasons=reasons,
        faces=record.faces,
        xyxy=arrays["xyxy"].astype(np.float32) if "xyxy" in arrays else None,
        calibration=Calibration(record.temperature, record.label_smoothing),
        checksum=record.checksum,
        notes=record.notes,
    )
