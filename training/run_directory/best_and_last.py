"""The two checkpoints of a run, which stay consistent even if the run is killed.

A run resumes from `last.npz`, whose history is authoritative; `best.npz` has the weights of the
best epoch in that history. A new best epoch is first written to `best.next.npz`, then `last.npz` is
written, which commits it, then the former is renamed to `best.npz`. After a kill in between, the
history in `last.npz` decides whether the new best is valid.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from training.run_directory.checkpoints import (
    Checkpoint,
    CheckpointError,
    Row,
    remove_temporary_files,
)
from training.run_directory.progress import best_epoch
from training.settings import TrainingSettings

LAST_CHECKPOINT: Final = "checkpoints/last.npz"
BEST_CHECKPOINT: Final = "checkpoints/best.npz"
NEXT_BEST_CHECKPOINT: Final = "checkpoints/best.next.npz"


def save_checkpoints(run_dir: Path, best: Checkpoint | None, last: Checkpoint) -> None:
    """Writes the checkpoints.

    Args:
        run_dir: the run's directory.
        best: the best epoch in the history of `last`; None if it is already saved.
        last: the state to resume from.

    Raises:
        CheckpointError: a file cannot be written, for example on a full disk.
    """
    if best is not None:
        best.save(run_dir / NEXT_BEST_CHECKPOINT)
    last.save(run_dir / LAST_CHECKPOINT)
    if best is not None:
        _replace_best(run_dir)


def complete_interrupted_save(
    run_dir: Path, settings: TrainingSettings, history: list[Row]
) -> None:
    """Completes a save that was interrupted: a new best is renamed if valid, otherwise deleted.

    Args:
        run_dir: directory of a run that no other process is training.
        settings: settings of the run.
        history: the history in `last.npz`; empty for a new run.

    Raises:
        CheckpointError: the new best is damaged, or cannot be renamed.
    """
    remove_temporary_files(run_dir / LAST_CHECKPOINT)
    next_best = run_dir / NEXT_BEST_CHECKPOINT
    if not next_best.exists():
        return
    if _is_best_of(history, Checkpoint.load(next_best), settings):
        _replace_best(run_dir)
    else:
        next_best.unlink()


def load_best_checkpoint(run_dir: Path, settings: TrainingSettings) -> Checkpoint:
    """Reads the best epoch in the history of `last.npz`, even after an interrupted save.

    It changes no file, because the run may be training.

    Raises:
        CheckpointError: there is none yet, it is damaged, or its epoch is not the best one in the
            history.
    """
    history = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    # If the run is training, the file may be renamed between two reads.
    with suppress(CheckpointError):
        next_best = Checkpoint.load(run_dir / NEXT_BEST_CHECKPOINT)
        if _is_best_of(history, next_best, settings):
            return next_best
    best = Checkpoint.load(run_dir / BEST_CHECKPOINT)
    if not _is_best_of(history, best, settings):
        epoch = best_epoch(settings, history)
        raise CheckpointError(
            f"{run_dir / BEST_CHECKPOINT} does not match {LAST_CHECKPOINT}. Expected: "
            f"{'no best epoch yet' if epoch is None else f'epoch {epoch + 1}'}, the best of the "
            f"{len(history)} in the history of {LAST_CHECKPOINT}. Received: epoch "
            f"{len(best.history)} of this or another run. If the run is training now, try again; "
            "if it was stopped, resume it with --resume; if it is finished, train again in "
            "another run directory."
        )
    return best


def _is_best_of(history: list[Row], checkpoint: Checkpoint, settings: TrainingSettings) -> bool:
    """Whether a checkpoint is of the best epoch in `history`.

    An epoch that was trained again has a different duration, so the rows distinguish the two.
    """
    epoch = best_epoch(settings, history)
    if epoch is None:
        return False
    # Compared as text, because NaN losses are not equal to themselves.
    return json.dumps(checkpoint.history) == json.dumps(history[: epoch + 1])


def _replace_best(run_dir: Path) -> None:
    try:
        (run_dir / NEXT_BEST_CHECKPOINT).replace(run_dir / BEST_CHECKPOINT)
    except OSError as error:
        raise CheckpointError(
            f"{run_dir / BEST_CHECKPOINT} could not be replaced: {error.strerror or error}. The "
            "saved checkpoints are intact; resume with --resume."
        ) from error
