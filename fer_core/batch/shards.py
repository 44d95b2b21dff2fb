"""What a run has done so far, on disk in a form that survives being killed at any moment.

A run's files are cut into parts of `FILES_PER_PART` or more, in order. The rows of a part become
one file, written in a single step when all of the part is done. So a part is there as a whole or
not at all, and all parts in order are the result.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from fer_core.atomic import replacing
from fer_core.batch.listing import Skipped
from fer_core.errors import InputRejected
from fer_core.scoring import Row

FILES_PER_PART: Final = 32
"""As many photos at most are scored again, for each worker, after a run was killed."""

_MOST_PARTS: Final = 20_000
"""A folder with many more files is slow on some disks."""

_PLAN: Final = "plan.json"


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
                f"{path} is not the plan of a run that this version can go on with. Delete the "
                f"folder {self.folder} and start anew.",
                reason="corrupt",
            ) from error

    def begin(self, plan: Plan) -> None:
        """Makes the folder and writes the plan into it."""
        self.discard()  # remains of a run that was killed while it cleaned up
        self.folder.mkdir(parents=True)
        with replacing(self.folder / _PLAN) as file:
            file.write(json.dumps(asdict(plan)).encode())

    def finished(self) -> set[int]:
        """Returns the numbers of the parts that are done."""
        return {int(path.stem) for path in self.folder.glob("*.jsonl")}

    def write(self, part: int, rows: Iterable[Row]) -> None:
        """Keeps the rows of a finished part."""
        with replacing(self._path(part)) as file:
            file.writelines(json.dumps(row).encode() + b"\n" for row in rows)

    def rows(self, parts: int) -> Iterator[Row]:
        """Reads the rows of all parts, in order."""
        for part in range(parts):
            with self._path(part).open("rb") as file:
                for line in file:
                    row: Row = json.loads(line)
                    yield row

    def discard(self) -> None:
        """Removes the folder."""
        # First the plan: what is left without it is no run to go on with.
        (self.folder / _PLAN).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, part: int) -> Path:
        return self.folder / f"{part:08d}.jsonl"
