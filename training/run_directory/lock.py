"""Locks a run directory: one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from fer_core.files import file_lock, shown
from training.run_directory.checkpoints import CheckpointError

LOCK_FILE: Final = "run.lock"


@contextmanager
def lock_run_directory(run_dir: Path) -> Iterator[None]:
    """Locks a run directory, which is created if missing.

    Raises:
        CheckpointError: it cannot be created.
        OutputError: another process is training there, or it is not writable.
    """
    was_there = run_dir.exists()
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            f"{shown(run_dir)} cannot be written: {error.strerror or error}."
        ) from error
    try:
        with file_lock(run_dir / LOCK_FILE, shown(run_dir)):
            yield
    finally:
        if not was_there:
            with suppress(OSError):  # it holds a run now
                run_dir.rmdir()
