"""Training history by epoch, from history.csv."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.zoo import ModelStore

if TYPE_CHECKING:
    import pandas as pd

HISTORY_FILE: Final = "history.csv"

Curve = Literal["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "overfit_gap"]
"""The curves by epoch; `val_` is measured on the validation split."""


@dataclass(frozen=True, eq=False)
class History:
    """One training run, a value per epoch; every array has the shape `(epochs,)`.

    Values missing in logs of other programs are NaN.

    Attributes:
        epoch: int64, from 1, increasing.
        loss: on the training split, with augmentation.
        accuracy: on the training split, with augmentation.
        val_loss: on the validation split.
        val_accuracy: on the validation split.
        learning_rate: at the start of the epoch; in logs of other programs as logged.
        seconds: duration of the epoch.
    """

    epoch: NDArray[np.int64]
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    val_loss: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]
    learning_rate: NDArray[np.float64]
    seconds: NDArray[np.float64]

    def __post_init__(self) -> None:
        epochs = len(self.epoch)
        if epochs == 0 or self.epoch[0] < 1 or (np.diff(self.epoch) <= 0).any():
            raise ValueError("epoch must count upwards from 1 and have at least one row")
        for field in fields(self):
            shape = getattr(self, field.name).shape
            if shape != (epochs,):
                raise ValueError(f"{field.name} must have the shape {(epochs,)}. Received: {shape}")

    def __len__(self) -> int:
        return len(self.epoch)

    @property
    def overfit_gap(self) -> NDArray[np.float64]:
        """`(epochs,)` training minus validation accuracy."""
        return self.accuracy - self.val_accuracy

    def best_epoch(self, first: int = 1) -> int | None:
        """Returns the first epoch with the highest validation accuracy.

        Args:
            first: earlier epochs are ignored, such as those on smaller faces.

        Returns:
            None if no such epoch has a validation accuracy.
        """
        counts = (self.epoch >= first) & np.isfinite(self.val_accuracy)
        if not counts.any():
            return None
        return int(self.epoch[np.where(counts, self.val_accuracy, -np.inf).argmax()])

    def last(self, epochs: int) -> History:
        """Returns the history of the last `epochs` epochs, excluding the first half of the run.

        Early epochs vary far more than the last ones, and would dominate the spread of short runs.
        """
        epochs = min(epochs, math.ceil(len(self) / 2))
        return History(**{name: values[-epochs:] for name, values in self._columns().items()})

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per epoch, with the columns of history.csv."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def _columns(self) -> dict[str, NDArray[Any]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def load_history(name: str, *, store: ModelStore | None = None) -> History:
    """Reads the training history of one saved model.

    Raises:
        ModelError: there is no such model, or its history.csv is missing or not valid.
    """
    return read_history((store or ModelStore.default()).model_folder(name) / HISTORY_FILE)


def read_history(path: Path) -> History:
    """Reads one history.csv; further columns are ignored.

    Raises:
        ModelError: the file is missing, or a column is missing or has values that are not finite
            numbers.
    """
    import pandas as pd

    try:
        frame = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"The training history {path} cannot be read: {error}") from error
    names = [field.name for field in fields(History)]
    if missing := [name for name in names if name not in frame.columns]:
        raise ModelError(
            f"The training history {path} has no column {', '.join(missing)}. "
            f"Received: {', '.join(frame.columns)}"
        )
    for name in names:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if not np.isfinite(numbers).all():
            line = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise ModelError(
                f"The training history {path}, line {line + 2}, column {name}: expected a number. "
                f"Received: {frame[name].iloc[line]!r}"
            )
    columns = {name: frame[name].to_numpy(np.float64) for name in names if name != "epoch"}
    try:
        return History(epoch=frame["epoch"].to_numpy(np.int64), **columns)
    except ValueError as error:
        raise ModelError(f"The training history {path} is not valid: {error}") from error
