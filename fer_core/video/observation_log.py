"""What was found on the frames of a clip so far, for a run that may be killed or stopped."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import InputRejected, OutputError
from fer_core.faces import LANDMARKS, Detections
from fer_core.files import shown, unwritable
from fer_core.recognition import UNCERTAIN_BELOW

_SYNC_EVERY_S: Final = 2.0
_BLOCK: Final = 2**20
_SUFFIX: Final = ".partial"
_FILES: Final = "files"
"""Where the first line names the outputs; they need not be the same for a run to be resumed."""
_BEFORE: Final = {"threshold": UNCERTAIN_BELOW}
"""Settings that earlier versions did not keep, for they could not be chosen."""


@dataclass(frozen=True, eq=False)
class Observation:
    """What one frame shows, before anything is known of the frames around it.

    Attributes:
        index: number of the frame.
        timestamp_s: when it is shown.
        detections: the faces.
        outputs: `(n, k + u)` float32, what the model says of each: classes, then action units.
    """

    index: int
    timestamp_s: float
    detections: Detections
    outputs: NDArray[np.float32]

    def to_json(self) -> str:
        """Returns one line that `from_json` reads without any loss."""
        found = self.detections
        points = None if found.landmarks is None else found.landmarks.tolist()
        return json.dumps(
            {
                "index": self.index,
                "timestamp_s": self.timestamp_s,
                "xyxy": found.xyxy.tolist(),
                "score": found.score.tolist(),
                "landmarks": points,
                "outputs": self.outputs.tolist(),
            }
        )

    @classmethod
    def from_json(cls, line: str | bytes, outputs: int) -> Observation:
        """Reads a line; `outputs` is the number of the model's outputs."""
        fields: dict[str, Any] = json.loads(line)
        points = fields["landmarks"]
        detections = Detections(
            np.array(fields["xyxy"], np.float32).reshape(-1, 4),
            np.array(fields["score"], np.float32),
            None if points is None else np.array(points, np.float32).reshape(-1, len(LANDMARKS), 2),
        )
        values = np.array(fields["outputs"], np.float32).reshape(-1, outputs)
        return cls(fields["index"], fields["timestamp_s"], detections, values)


def kept_threshold(path: Path) -> float:
    """Returns the threshold of the unfinished run in a file; where there is none, the usual one."""
    try:
        with path.open("rb") as file:
            settings = json.loads(file.readline())
        return float((_BEFORE | settings)["threshold"])
    except (OSError, ValueError, TypeError):
        return UNCERTAIN_BELOW  # what is wrong with the file, `VideoCheckpoint` says


def checkpoint_of(output: Path) -> Path:
    """Returns the file in which a run with this first output keeps what it finds."""
    return output.with_name(f"{output.name}{_SUFFIX}")


def outputs_to_resume(path: Path) -> frozenset[str]:
    """Returns the real paths of the outputs of the unfinished run in a file.

    There are none where there is nothing to resume. Of a run of an earlier version only the one
    that the file is beside is known.
    """
    try:
        with path.open("rb") as file:
            settings, frame = json.loads(file.readline()), file.readline()
        if not frame.endswith(b"\n"):
            return frozenset()
        return frozenset({_output_beside(path), *settings.get(_FILES, ())})
    except (OSError, ValueError, TypeError, AttributeError):
        return frozenset()  # what is wrong with the file, `VideoCheckpoint` says


def _output_beside(path: Path) -> str:
    return os.path.realpath(path.with_name(path.name.removesuffix(_SUFFIX)))


class VideoCheckpoint:
    """A file that grows by a line per frame, beside the output of a run.

    Args:
        path: of the file. In a `with` statement it is removed at the end, and stays after an
            exception, provided that there is something in it.
        settings: all that must be the same for a run to go on.
        outputs: number of the model's outputs.
        files: the outputs, which may be replaced when the run is resumed.
        resume: go on with what is there.

    Raises:
        InputRejected: there is an unfinished run and `resume` is not given, or it has other
            settings.
        OutputError: the file is of something else, or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        settings: dict[str, Any],
        *,
        outputs: int,
        files: Iterable[Path] = (),
        resume: bool = False,
    ) -> None:
        self.path = path
        self._outputs = outputs
        self._synced = time.monotonic()
        try:
            self._file: IO[bytes] = path.open("r+b" if path.exists() else "x+b")
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            self._is_empty = not self._take_up(settings, resume=resume)
        except BaseException:
            self._file.close()
            raise
        if self._is_empty:
            self._file.seek(0)
            self._file.truncate()
            kept = settings | {_FILES: [os.path.realpath(file) for file in files]}
            self._file.write(json.dumps(kept).encode() + b"\n")
            self._flush()

    def __enter__(self) -> VideoCheckpoint:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None or self._is_empty:
            self._file.close()
            self.path.unlink()
        else:
            with closing(self._file):
                self._flush()

    def known(self) -> Iterator[Observation]:
        """Yields what an earlier run found, in order. Read it all before adding to it."""
        self._file.seek(0)
        self._file.readline()
        for line in self._file:
            yield Observation.from_json(line, self._outputs)

    def add(self, observation: Observation) -> None:
        """Keeps what was found on one more frame."""
        self._file.write(observation.to_json().encode() + b"\n")
        self._is_empty = False
        if time.monotonic() - self._synced > _SYNC_EVERY_S:
            self._flush()

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def _take_up(self, settings: dict[str, Any], *, resume: bool) -> bool:
        """Cuts off a line that was half written; tells whether there is anything to go on with."""
        first = self._file.readline()
        if not _may_be_settings(first, settings):
            raise OutputError(
                f"A run keeps what it finds in {shown(self.path)}, but another file is there. Move "
                "it away, or name another output."
            )
        self._file.seek(0)
        whole = [0]
        for line in self._file:
            if line.endswith(b"\n"):
                whole.append(whole[-1] + len(line))
        if len(whole) < 3:  # not a frame behind the settings
            return False
        if not resume:
            raise InputRejected(
                f"{shown(self.path)} holds an unfinished run. Go on with it (--resume), or delete "
                "it.",
                reason="unreadable",
            )
        self._file.seek(0)
        _check_settings(self.path, self._file.readline(), settings)
        self._file.truncate(whole[-1])
        return True


class MemoryCheckpoint:
    """The same in memory, for a run that may be stopped and then go on in the same process."""

    def __init__(self) -> None:
        self._observations: list[Observation] = []

    def known(self) -> Iterator[Observation]:
        """Yields what was found before this call, in order."""
        return iter(tuple(self._observations))

    def add(self, observation: Observation) -> None:
        """Keeps what was found on one more frame."""
        self._observations.append(observation)


def _may_be_settings(line: bytes, settings: dict[str, Any]) -> bool:
    """Whether a line begins as the first of a checkpoint does; a kill may have cut it off."""
    beginning = json.dumps(settings).partition(":")[0].encode()
    return line.startswith(beginning) or beginning.startswith(line)


def _check_settings(path: Path, line: bytes, now: dict[str, Any]) -> None:
    then: dict[str, Any] = _BEFORE | json.loads(line)
    for name, value in now.items():
        if then.get(name) != value:
            raise InputRejected(
                f"The unfinished run in {shown(path)} has another {name}. Expected: "
                f"{then.get(name)}. Received: {value}. Give what it began with, or delete the "
                "file.",
                reason="unreadable",
            )


def file_checksum(path: Path) -> str:
    """Returns the SHA-256 of a file.

    Raises:
        InputRejected: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise InputRejected(
            f"The file cannot be read: {error.strerror}.", reason="unreadable"
        ) from error
    return digest.hexdigest()
