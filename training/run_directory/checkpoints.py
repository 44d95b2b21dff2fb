"""The state of a run on disk, written atomically to one file.

A checkpoint holds all weights, the optimizer's variables, the history so far, and a checksum of
these. It is written to a temporary file, flushed and renamed, so a kill at any moment, or a full
disk, leaves the previous checkpoint intact.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import FerError
from fer_core.files import atomic_write
from training.datasets import fingerprint

Row = dict[str, float]
"""One row of history.csv: the metrics of one epoch."""

_CHECKSUM = "checksum"


class CheckpointError(FerError):
    """A checkpoint is missing, damaged, or belongs to another config."""


@dataclass(frozen=True)
class Checkpoint:
    """The state after a whole number of epochs.

    Attributes:
        weights: weights of the classifier, in Keras's order.
        optimizer: the optimizer's variables, in Keras's order.
        history: one row per finished epoch.
    """

    weights: list[NDArray[Any]]
    optimizer: list[NDArray[Any]]
    history: list[Row]

    @classmethod
    def capture(
        cls, model: keras.Model, optimizer: keras.optimizers.Optimizer, history: list[Row]
    ) -> Checkpoint:
        """Copies the current state."""
        return cls(
            model.get_weights(),
            [keras.ops.convert_to_numpy(variable) for variable in optimizer.variables],
            list(history),
        )

    def restore(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Restores the state; both must have been built with the same settings.

        Raises:
            CheckpointError: the number or the shapes of the weights differ.
        """
        shapes = [array.shape for array in self.optimizer]
        if shapes != [tuple(variable.shape) for variable in optimizer.variables]:
            raise CheckpointError(
                "The checkpoint is from another config: its optimizer state has different shapes. "
                "Start a new run directory, or use the config this run was started with."
            )
        model.set_weights(self.weights)
        for variable, value in zip(optimizer.variables, self.optimizer, strict=True):
            variable.assign(value)

    def save(self, path: Path) -> None:
        """Writes the file atomically.

        Raises:
            CheckpointError: it cannot be written, for example on a full disk.
        """
        arrays = {f"weight_{i:04d}": array for i, array in enumerate(self.weights)}
        arrays |= {f"optimizer_{i:04d}": array for i, array in enumerate(self.optimizer)}
        arrays["history"] = np.frombuffer(json.dumps(self.history).encode(), np.uint8)
        arrays[_CHECKSUM] = np.array(fingerprint(arrays))
        with atomic_write_in_run(path) as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Reads a checkpoint.

        Raises:
            CheckpointError: it does not exist, cannot be read, or its checksum does not match.
        """
        try:
            with path.open("rb") as file, np.load(file) as stored:
                arrays = dict(stored)
            # Older runs have no checksum; the CRCs of the zip file still cover each array.
            checksum = arrays.pop(_CHECKSUM, None)
            if checksum is not None and checksum.item() != fingerprint(arrays):
                raise ValueError("its checksum does not match")
            return cls(
                [arrays[key] for key in sorted(arrays) if key.startswith("weight_")],
                [arrays[key] for key in sorted(arrays) if key.startswith("optimizer_")],
                json.loads(arrays["history"].tobytes()),
            )
        except FileNotFoundError as error:
            raise CheckpointError(f"There is no checkpoint at {path} to resume from.") from error
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise CheckpointError(f"The checkpoint {path} is damaged: {error}") from error


@contextmanager
def atomic_write_in_run(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file of a run for an atomic write to `path`.

    Raises:
        CheckpointError: it cannot be written, for example on a full disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            yield file
    except OSError as error:
        raise CheckpointError(
            f"{path} could not be written: {error.strerror or error}. The previous checkpoint is "
            "intact; free some space and resume with --resume."
        ) from error


def remove_temporary_files(path: Path) -> None:
    """Deletes temporary files that killed processes left next to `path`."""
    for unfinished in path.parent.glob("*.tmp"):
        unfinished.unlink()
