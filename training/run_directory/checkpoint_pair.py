"""The two checkpoints of a run, which belong together whenever it is killed.

`last.npz` is what a run goes on from, and its history is what counts; `best.npz` has the weights of
the best epoch in that history. A new best is written to `best.next.npz` first, then `last.npz`
makes it count, then it takes the place of `best.npz`. So after a kill in between, the history in
`last.npz` tells whether the new best counts.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from training.run_directory.checkpoints import Checkpoint, CheckpointError, Row, remove_half_written
from training.run_directory.progress import best_epoch
from training.settings import TrainingSettings

LAST_CHECKPOINT: Final = "checkpoints/last.npz"
BEST_CHECKPOINT: Final = "checkpoints/best.npz"
NEXT_BEST_CHECKPOINT: Final = "checkpoints/best.next.npz"


def save_pair(run_dir: Path, best: Checkpoint | None, last: Checkpoint) -> None:
    """Writes what came since the checkpoints before.

    Args:
        run_dir: the run's directory.
        best: the best epoch in the history of `last`; None where that is saved already.
        last: the state to go on from.

    Raises:
        CheckpointError: something cannot be written, as on a full disk.
    """
    if best is not None:
        best.save(run_dir / NEXT_BEST_CHECKPOINT)
    last.save(run_dir / LAST_CHECKPOINT)
    if best is not None:
        _replace_best(run_dir)


def settle_pair(run_dir: Path, settings: TrainingSettings, history: list[Row]) -> None:
    """Ends what a kill interrupted: a new best takes its place if it counts, or is thrown away.

    Args:
        run_dir: of a run that no other process trains.
        settings: of the run.
        history: that in `last.npz`; empty for a run that begins.

    Raises:
        CheckpointError: the new best is damaged, or cannot be renamed.
    """
    remove_half_written(run_dir / LAST_CHECKPOINT)
    next_best = run_dir / NEXT_BEST_CHECKPOINT
    if not next_best.exists():
        return
    if _is_best_of(history, Checkpoint.load(next_best), settings):
        _replace_best(run_dir)
    else:
        next_best.unlink()


def load_best_checkpoint(run_dir: Path, settings: TrainingSettings) -> Checkpoint:
    """Reads the best epoch in the history of `last.npz`, wherever a kill left it.

    It changes no file, for the run may be training.

    Raises:
        CheckpointError: there is none yet, one is damaged, or the history does not know its
            epoch or knows a better one.
    """
    history = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    # While the run trains, the file may take its place between two looks at it.
    with suppress(CheckpointError):
        next_best = Checkpoint.load(run_dir / NEXT_BEST_CHECKPOINT)
        if _is_best_of(history, next_best, settings):
            return next_best
    best = Checkpoint.load(run_dir / BEST_CHECKPOINT)
    if not _is_best_of(history, best, settings):
        epoch = best_epoch(settings, history)
        raise CheckpointError(
            f"{run_dir / BEST_CHECKPOINT} does not belong to the checkpoint beside it. Expected: "
            f"{'no best epoch yet' if epoch is None else f'epoch {epoch + 1}'}, the best of the "
            f"{len(history)} in the history of {LAST_CHECKPOINT}. Received: epoch "
            f"{len(best.history)} of this or another training. If the run is training now, try "
            "again; if it was stopped, go on with --resume; if it is finished, train again in "
            "another run directory."
        )
    return best


def _is_best_of(history: list[Row], checkpoint: Checkpoint, settings: TrainingSettings) -> bool:
    """Whether a checkpoint is of the best epoch in `history`, and not of one like it.

    An epoch that was trained again took other seconds, so the rows tell the two apart.
    """
    epoch = best_epoch(settings, history)
    if epoch is None:
        return False
    # As text, because a loss that is not a number equals nothing.
    return json.dumps(checkpoint.history) == json.dumps(history[: epoch + 1])


def _replace_best(run_dir: Path) -> None:
    try:
        (run_dir / NEXT_BEST_CHECKPOINT).replace(run_dir / BEST_CHECKPOINT)
    except OSError as error:
        raise CheckpointError(
            f"{run_dir / BEST_CHECKPOINT} could not be replaced: {error.strerror or error}. What "
            "was saved is whole; go on with --resume."
        ) from error
