"""The metadata of a saved evaluation, validated on reading: `evaluation.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from fer_core.benchmark.photo_evaluation import EntryKind
from fer_core.errors import EvaluationError
from fer_core.evaluation import Count, StrictModel, list_defects

RECORD_FILE: Final = "evaluation.json"
PHOTOS_FILE: Final = "photos.parquet"
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""Valid on every system, and the same on those that ignore case."""


class EntryRecord(StrictModel):
    """One entry of a saved evaluation; see `EvaluationEntry`.

    Attributes:
        temperature, label_smoothing: its calibration.
        predicted: number of photos with a prediction.
    """

    name: str
    title: str
    kind: EntryKind
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    faces: str
    temperature: Annotated[float, Field(gt=0.0)] | None
    label_smoothing: Annotated[float, Field(ge=0.0, lt=1.0)]
    checksum: str | None
    notes: tuple[str, ...]
    predicted: Count


class EvaluationRecord(StrictModel):
    """A saved evaluation without its arrays; see `PhotoEvaluation`.

    Attributes:
        name: the folder's name.
        format: version of the files' layout.
        photos: number of photos.
        labels: the classes of the photos.
        columns: names of the columns for slices; in `photos.parquet` they have a prefix.
        measured: those that were measured from the pictures.
        has_subjects: whether the person in each photo is known.
        split: the split of a dataset whose rows the photos are, or None.
        entries: in order; their arrays are in `entry_0.npz`, `entry_1.npz`, ...
        sizes: of the other files, in bytes, by name.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    format: Literal[1]
    created: AwareDatetime
    photos: Count
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    measured: tuple[str, ...]
    has_subjects: bool
    split: str | None
    left_out: dict[str, Count]
    notes: tuple[str, ...]
    entries: tuple[EntryRecord, ...]
    sizes: dict[str, Count]

    @model_validator(mode="after")
    def _files_are_known(self) -> EvaluationRecord:
        names = [entry.name for entry in self.entries]
        if len(set(names)) != len(names):
            raise ValueError(f"the names of entries must be unique: {', '.join(names)}")
        expected = {PHOTOS_FILE, *map(entry_file, range(len(names)))}
        if set(self.sizes) != expected:
            raise ValueError(f"sizes must name exactly {', '.join(sorted(expected))}")
        return self


def entry_file(position: int) -> str:
    """Returns the name of the file with the arrays of an entry."""
    return f"entry_{position}.npz"


def read_record(folder: Path) -> EvaluationRecord:
    """Reads `evaluation.json` and checks that the other files are complete.

    Raises:
        EvaluationError: a file is missing, incomplete or not valid; the message lists all defects.
    """
    path = folder / RECORD_FILE
    try:
        record = EvaluationRecord.model_validate_json(path.read_bytes())
        sizes = {name: (folder / name).stat().st_size for name in record.sizes}
    except OSError as error:
        place = Path(error.filename or path)
        raise EvaluationError(f"{place} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        defects = list_defects(error, "the whole file")
        raise EvaluationError(f"The evaluation {path} is not valid:\n{defects}") from error
    if record.name != folder.name:
        raise EvaluationError(
            f"The evaluation {path} is not valid:\n"
            f"  name: expected {folder.name!r}, the folder's name. Received: {record.name!r}"
        )
    for name, size in sizes.items():
        if size != record.sizes[name]:
            raise EvaluationError(
                f"{folder / name} is damaged. Expected {record.sizes[name]} bytes. "
                f"Received: {size} bytes"
            )
    return record
