"""The progress of a run: its best epoch, and whether it is finished."""

from __future__ import annotations

from collections.abc import Sequence

from training.run_directory.checkpoints import Row
from training.settings import TrainingSettings


def best_epoch(settings: TrainingSettings, history: Sequence[Row]) -> int | None:
    """Index of the epoch with the best validation accuracy, the earliest in a tie.

    Epochs on smaller faces are ignored; None if there are no others yet.
    """
    candidates = range(settings.schedule.small_image_epochs, len(history))
    return max(candidates, key=lambda epoch: history[epoch]["val_accuracy"], default=None)


def is_finished(settings: TrainingSettings, history: Sequence[Row]) -> bool:
    """Whether all epochs are done or early stopping applies."""
    if len(history) >= settings.schedule.epochs:
        return True
    patience = settings.schedule.early_stopping_patience
    best = best_epoch(settings, history)
    return patience is not None and best is not None and len(history) - 1 - best >= patience
