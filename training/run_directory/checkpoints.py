"""The state of a run on disk: one file that is always whole.

A checkpoint holds all weights, the optimizer's variables, the history so far, and last of all a
checksum of these. It is written to a file beside it, flushed and renamed, so a kill at any moment,
or a full disk, leaves the previous one in place.
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
"""One line of history.csv: what is known of one epoch."""

_CHECKSUM = "checksum"


class CheckpointError(FerError):
    """A checkpoint is missing, damaged, or belongs to another config."""


@dataclass(frozen=True)
class Checkpoint:
    """The state after a whole number of epochs.

    Attributes:
        weights: of the classifier, in Keras's order.
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
        """Copies the present state."""
        return cls(
            model.get_weights(),
            [keras.ops.convert_to_numpy(variable) for variable in optimizer.variables],
            list(history),
        )

    def restore(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Puts the state back; both must have been built with the same settings.

        Raises:
            CheckpointError: the number or the shapes of the weights differ.
        """
        shapes = [array.shape for array in self.optimizer]
        if shapes != [tuple(variable.shape) for variable in optimizer.variables]:
            raise CheckpointError(
                "The checkpoint belongs to another config: its optimizer state has other shapes. "
                "Start a new run directory, or use the config this run was started with."
            )
        model.set_weights(self.weights)
        for variable, value in zip(optimizer.variables, self.optimizer, strict=True):
            variable.assign(value)

    def save(self, path: Path) -> None:
        """Writes the file so that it is either the old or the new one, never half.

        Raises:
            CheckpointError: it cannot be written, as on a full disk.
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
            CheckpointError: there is none, it cannot be read, or its checksum is another.
        """
        try:
            with path.open("rb") as file, np.load(file) as stored:
                arrays = dict(stored)
            # Older runs have none; the sums within a zip still cover each array.
            checksum = arrays.pop(_CHECKSUM, None)
            if checksum is not None and checksum.item() != fingerprint(arrays):
                raise ValueError("its checksum is another")
            return cls(
                [arrays[key] for key in sorted(arrays) if key.startswith("weight_")],
                [arrays[key] for key in sorted(arrays) if key.startswith("optimizer_")],
                json.loads(arrays["history"].tobytes()),
            )
        except FileNotFoundError as error:
            raise CheckpointError(f"There is no checkpoint at {path} to go on from.") from error
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise CheckpointError(f"The checkpoint {path} is damaged: {error}") from error


@contextmanager
def atomic_write_in_run(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file of a run for writing, which takes the place of `path` when it is whole.

    Raises:
        CheckpointError: it cannot be written, as on a full disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            yield file
    except OSError as error:
        raise CheckpointError(
            f"{path} could not be written: {error.strerror or error}. What was saved before is "
            "whole; make room and go on with --resume."
        ) from error


def remove_half_written(path: Path) -> None:
    """Removes what killed processes left of checkpoints beside `path`."""
    for unfinished in path.parent.glob("*.tmp"):
        unfinished.unlink()
