"""The partial results of a run on disk, in a form that survives a kill at any moment.

A run's files are split into parts of `FILES_PER_PART` or more, in order. The rows of a part become
one file, written atomically when all of the part is done. All parts in order are the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from fer_core.errors import InputRejected, OutputError
from fer_core.files import Skipped, shown, unwritable, writing
from fer_core.recognition import Row

FILES_PER_PART: Final = 32
"""At most this many photos per worker are analyzed again after a run was killed."""

_MOST_PARTS: Final = 20_000
"""Folders with many more files are slow on some disks."""

RESUME_ADVICE: Final = " Completed work is saved: free up disk space, then continue with --resume."

_PLAN: Final = "plan.json"
_PART: Final = re.compile(r"\d{8}\.jsonl")
_OURS: Final = re.compile(r"(plan\.json|\d{8}\.jsonl)(\.[0-9a-f]+)?(\.tmp)?")
"""The plan, a part, and temporary files of a killed process."""


@dataclass(frozen=True)
class Plan:
    """The plan of a run; written before it starts.

    Attributes:
        folder: folder of the photos.
        files: their paths, relative to the folder, in the order of the rows.
        model: name of the model.
        model_checksum: SHA-256 of its weights.
        detector: name of the face detector.
        threshold: predictions with a lower confidence are `uncertain`.
        files_per_part: number of files per part.
        skipped: other files in the folder.
    """

    folder: str
    files: tuple[str, ...]
    model: str
    model_checksum: str
    detector: str
    threshold: float
    files_per_part: int = FILES_PER_PART
    skipped: tuple[Skipped, ...] = ()

    @property
    def parts(self) -> int:
        """Number of parts."""
        return -(-len(self.files) // self.files_per_part)

    def part_of(self, index: int) -> int:
        """Returns the part that a file belongs to."""
        return index // self.files_per_part

    def files_of(self, part: int) -> range:
        """Returns the indices of a part's files."""
        first = part * self.files_per_part
        return range(first, min(first + self.files_per_part, len(self.files)))


def files_per_part(files: int) -> int:
    """Returns the number of files per part."""
    return max(FILES_PER_PART, -(-files // _MOST_PARTS))


class Shards:
    """The folder next to a run's output with its plan and its completed parts.

    Args:
        output: the final output of the run.
    """

    def __init__(self, output: Path) -> None:
        self.folder = output.with_name(f"{output.name}.partial")

    def read_plan(self) -> Plan | None:
        """Returns the plan of an unfinished run, or None.

        Raises:
            InputRejected: this version cannot read the plan.
        """
        path = self.folder / _PLAN
        if not path.is_file():
            return None
        try:
            fields = json.loads(path.read_bytes())
            skipped = tuple(
                Skipped(one["reason"], one["count"], tuple(one["examples"]))
                for one in fields.get("skipped", ())  # earlier versions did not count them
            )
            return Plan(**{**fields, "files": tuple(fields["files"]), "skipped": skipped})
        except (ValueError, TypeError, KeyError) as error:
            raise InputRejected(
                f"{shown(path)} is not the plan of a run that this version can resume. Delete the "
                f"folder {shown(self.folder)} and start again.",
                reason="corrupt",
            ) from error

    def begin(self, plan: Plan) -> None:
        """Creates the folder and writes the plan into it.

        Raises:
            OutputError: something else has that name, or nothing can be written.
        """
        if self.folder.exists() and not self._is_of_a_run():
            raise OutputError(
                f"A run stores its progress in {shown(self.folder)}, but something else exists "
                "there. Move it, or choose another output."
            )
        self.discard()  # left by a run that was killed during cleanup
        try:
            self.folder.mkdir()
        except OSError as error:
            raise unwritable(self.folder, error) from error
        with writing(self.folder / _PLAN, RESUME_ADVICE) as file:
            file.write(json.dumps(asdict(plan)).encode())

    def finished(self) -> set[int]:
        """Returns the numbers of the completed parts."""
        names = (path.name for path in self.folder.iterdir())
        return {int(Path(name).stem) for name in names if _PART.fullmatch(name)}

    def write(self, part: int, rows: Iterable[Row]) -> None:
        """Stores the rows of a completed part.

        Raises:
            OutputError: they cannot be written, e.g. because the disk is full.
        """
        with writing(self._path(part), RESUME_ADVICE) as file:
            file.writelines(json.dumps(row).encode() + b"\n" for row in rows)

    def rows(self, parts: int) -> Iterator[Row]:
        """Reads the rows of all parts, in order."""
        for part in range(parts):
            with self._path(part).open("rb") as file:
                for line in file:
                    row: Row = json.loads(line)
                    yield row

    def discard(self) -> None:
        """Removes the folder, but only files that a run has written."""
        # The plan first: without it there is no run to resume.
        (self.folder / _PLAN).unlink(missing_ok=True)
        with suppress(OSError):
            for path in self.folder.iterdir():
                if _OURS.fullmatch(path.name):
                    path.unlink(missing_ok=True)
            self.folder.rmdir()

    def _is_of_a_run(self) -> bool:
        return self.folder.is_dir() and all(
            _OURS.fullmatch(path.name) for path in self.folder.iterdir()
        )

    def _path(self, part: int) -> Path:
        return self.folder / f"{part:08d}.jsonl"
