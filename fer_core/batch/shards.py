"""What a run has done so far, on disk in a form that survives being killed at any moment.

A run's files are cut into parts of `FILES_PER_PART` or more, in order. The rows of a part become
one file, written in a single step when all of the part is done. So a part is there as a whole or
not at all, and all parts in order are the result.
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
"""As many photos at most are scored again, for each worker, after a run was killed."""

_MOST_PARTS: Final = 20_000
"""A folder with many more files is slow on some disks."""

GO_ON: Final = " What is done is kept: make room, and go on with --resume."

_PLAN: Final = "plan.json"
_PART: Final = re.compile(r"\d{8}\.jsonl")
_OURS: Final = re.compile(r"(plan\.json|\d{8}\.jsonl)(\.[0-9a-f]+)?(\.tmp)?")
"""The plan, a part, and what a killed process left of one."""


@dataclass(frozen=True)
class Plan:
    """What a run does; written before it begins.

    Attributes:
        folder: where the photos are.
        files: their paths, relative to the folder, in the order of the rows.
        model: name of the model.
        model_checksum: SHA-256 of its weights.
        detector: name of the face detector.
        threshold: below it a face is called uncertain.
        files_per_part: how they are cut.
        skipped: what else is in the folder.
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
    """Returns how many of a run's files make a part."""
    return max(FILES_PER_PART, -(-files // _MOST_PARTS))


class Shards:
    """The folder beside a run's output that holds its plan and its finished parts.

    Args:
        output: the file that the run will end in.
    """

    def __init__(self, output: Path) -> None:
        self.folder = output.with_name(f"{output.name}.partial")

    def read_plan(self) -> Plan | None:
        """Returns the plan of a run that was begun, or None.

        Raises:
            InputRejected: there is one that this version cannot read.
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
        """Makes the folder and writes the plan into it.

        Raises:
            OutputError: there is something of that name which no run has made, or nothing can be
                written.
        """
        if self.folder.exists() and not self._is_of_a_run():
            raise OutputError(
                f"A run keeps its state in {shown(self.folder)}, but something else is there. Move "
                "it away, or name another output."
            )
        self.discard()  # remains of a run that was killed while it cleaned up
        try:
            self.folder.mkdir()
        except OSError as error:
            raise unwritable(self.folder, error) from error
        with writing(self.folder / _PLAN, GO_ON) as file:
            file.write(json.dumps(asdict(plan)).encode())

    def finished(self) -> set[int]:
        """Returns the numbers of the parts that are done."""
        names = (path.name for path in self.folder.iterdir())
        return {int(Path(name).stem) for name in names if _PART.fullmatch(name)}

    def write(self, part: int, rows: Iterable[Row]) -> None:
        """Keeps the rows of a finished part.

        Raises:
            OutputError: they cannot be written, as on a full disk.
        """
        with writing(self._path(part), GO_ON) as file:
            file.writelines(json.dumps(row).encode() + b"\n" for row in rows)

    def rows(self, parts: int) -> Iterator[Row]:
        """Reads the rows of all parts, in order."""
        for part in range(parts):
            with self._path(part).open("rb") as file:
                for line in file:
                    row: Row = json.loads(line)
                    yield row

    def discard(self) -> None:
        """Removes the folder, but nothing that a run has not put there."""
        # First the plan: what is left without it is no run to go on with.
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
