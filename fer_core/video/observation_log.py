"""The partial results of a video run, so that an interrupted run can be resumed."""

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

from fer_core.errors import InputRejected, OutputError
from fer_core.faces import LANDMARKS, Detections
from fer_core.files import shown, unwritable
from fer_core.recognition import UNCERTAIN_BELOW, Faces
from fer_core.zoo import Classifier, FacePredictions

_SYNC_EVERY_S: Final = 2.0
_BLOCK: Final = 2**20
_SUFFIX: Final = ".partial"
_FILES: Final = "files"
"""The key of the outputs in the first line; they may differ when a run is resumed."""
_BEFORE: Final = {"threshold": UNCERTAIN_BELOW}
"""Settings that earlier versions did not store, because they were fixed."""


@dataclass(frozen=True, eq=False)
class Observation:
    """The faces of one frame, before tracking and smoothing.

    Attributes:
        index: index of the frame.
        timestamp_s: time of the frame.
        faces: the faces.
    """

    index: int
    timestamp_s: float
    faces: Faces

    def to_json(self) -> str:
        """Returns one line that `from_json` reads back losslessly."""
        faces = self.faces
        points = None if faces.landmarks is None else faces.landmarks.tolist()
        outputs = np.concatenate([faces.probabilities, faces.unit_probabilities], axis=1)
        return json.dumps(
            {
                "index": self.index,
                "timestamp_s": self.timestamp_s,
                "xyxy": faces.xyxy.tolist(),
                "score": faces.detection_score.tolist(),
                "landmarks": points,
                "outputs": outputs.tolist(),
            }
        )

    @classmethod
    def from_json(cls, line: str | bytes, classifier: Classifier) -> Observation:
        """Parses a line with predictions of this classifier."""
        fields: dict[str, Any] = json.loads(line)
        points = fields["landmarks"]
        detections = Detections(
            np.array(fields["xyxy"], np.float32).reshape(-1, 4),
            np.array(fields["score"], np.float32),
            None if points is None else np.array(points, np.float32).reshape(-1, len(LANDMARKS), 2),
        )
        classes, units = len(classifier.labels), len(classifier.action_units)
        outputs = np.array(fields["outputs"], np.float32).reshape(-1, classes + units)
        predictions = FacePredictions(outputs[:, :classes], outputs[:, classes:])
        faces = Faces.of(classifier, detections, predictions)
        return cls(fields["index"], fields["timestamp_s"], faces)


def kept_threshold(path: Path) -> float:
    """Returns the threshold of the unfinished run in a file, or the default threshold."""
    try:
        with path.open("rb") as file:
            settings = json.loads(file.readline())
        return float((_BEFORE | settings)["threshold"])
    except (OSError, ValueError, TypeError):
        return UNCERTAIN_BELOW  # `VideoCheckpoint` reports the error


def checkpoint_of(output: Path) -> Path:
    """Returns the checkpoint file of a run with this first output."""
    return output.with_name(f"{output.name}{_SUFFIX}")


def outputs_to_resume(path: Path) -> frozenset[str]:
    """Returns the real paths of the outputs of the unfinished run in a file.

    The set is empty if there is no run to resume. For a run of an earlier version, only the output
    next to the file is known.
    """
    try:
        with path.open("rb") as file:
            settings, frame = json.loads(file.readline()), file.readline()
        if not frame.endswith(b"\n"):
            return frozenset()
        return frozenset({_output_beside(path), *settings.get(_FILES, ())})
    except (OSError, ValueError, TypeError, AttributeError):
        return frozenset()  # `VideoCheckpoint` reports the error


def _output_beside(path: Path) -> str:
    return os.path.realpath(path.with_name(path.name.removesuffix(_SUFFIX)))


class VideoCheckpoint:
    """A checkpoint file next to the output of a run that grows by one line per frame.

    Args:
        path: path of the file. In a `with` statement it is removed at the end, but kept after an
            exception if it is not empty.
        settings: settings that must match when a run is resumed.
        files: the output files, which may be replaced when the run is resumed.
        resume: continue an existing checkpoint.

    Raises:
        InputRejected: there is an unfinished run and `resume` is not given, or it has other
            settings.
        OutputError: the file is not a checkpoint, or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        settings: dict[str, Any],
        *,
        files: Iterable[Path] = (),
        resume: bool = False,
    ) -> None:
        self.path = path
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

    def known(self, classifier: Classifier) -> Iterator[Observation]:
        """Yields the results of an earlier run, in order. Read all before adding new ones.

        Args:
            classifier: of the run.
        """
        self._file.seek(0)
        self._file.readline()
        for line in self._file:
            yield Observation.from_json(line, classifier)

    def add(self, observation: Observation) -> None:
        """Stores the results of one more frame."""
        self._file.write(observation.to_json().encode() + b"\n")
        self._is_empty = False
        if time.monotonic() - self._synced > _SYNC_EVERY_S:
            self._flush()

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def _take_up(self, settings: dict[str, Any], *, resume: bool) -> bool:
        """Removes a partially written line; returns whether there is anything to resume."""
        first = self._file.readline()
        if not _may_be_settings(first, settings):
            raise OutputError(
                f"A run stores its progress in {shown(self.path)}, but another file exists there. "
                "Move it, or choose another output."
            )
        self._file.seek(0)
        whole = [0]
        for line in self._file:
            if line.endswith(b"\n"):
                whole.append(whole[-1] + len(line))
        if len(whole) < 3:  # no frame after the settings
            return False
        if not resume:
            raise InputRejected(
                f"{shown(self.path)} holds an unfinished run. Continue it with --resume, or delete "
                "it.",
                reason="unreadable",
            )
        self._file.seek(0)
        _check_settings(self.path, self._file.readline(), settings)
        self._file.truncate(whole[-1])
        return True


class MemoryCheckpoint:
    """A checkpoint in memory, for a run that is stopped and resumed in the same process."""

    def __init__(self) -> None:
        self._observations: list[Observation] = []

    def known(self, classifier: Classifier) -> Iterator[Observation]:
        """Yields the results stored before this call, in order."""
        return iter(tuple(self._observations))

    def add(self, observation: Observation) -> None:
        """Stores the results of one more frame."""
        self._observations.append(observation)


def _may_be_settings(line: bytes, settings: dict[str, Any]) -> bool:
    """Whether a line begins like the first line of a checkpoint; a kill may have truncated it."""
    beginning = json.dumps(settings).partition(":")[0].encode()
    return line.startswith(beginning) or beginning.startswith(line)


def _check_settings(path: Path, line: bytes, now: dict[str, Any]) -> None:
    then: dict[str, Any] = _BEFORE | json.loads(line)
    for name, value in now.items():
        if then.get(name) != value:
            raise InputRejected(
                f"The unfinished run in {shown(path)} has another {name}. Expected: "
                f"{then.get(name)}. Received: {value}. Use the original value, or delete the "
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
