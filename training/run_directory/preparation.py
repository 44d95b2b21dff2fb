"""Creates the directory of a run, and rejects one with other files."""

from __future__ import annotations

import shutil
from pathlib import Path

from fer_core.files import shown
from training.run_directory.best_and_last import LAST_CHECKPOINT
from training.run_directory.checkpoints import CheckpointError
from training.run_directory.data_fingerprint import DATA_FILE
from training.run_directory.environment import write_environment
from training.run_directory.layout import CONFIG_FILE, ENVIRONMENT_FILE, HISTORY_FILE
from training.run_directory.warm_start import PRETRAINED_FILE


def prepare_run_dir(run_dir: Path, config: Path, *, resume: bool) -> None:
    """Creates the directory of a run with its config and environment, or checks them.

    Raises:
        CheckpointError: with `resume`, the run was started with another config; without it, there
            already is a run, or the directory cannot be created.
    """
    kept = run_dir / CONFIG_FILE
    if resume:
        if not kept.exists() or kept.read_bytes() != config.read_bytes():
            raise CheckpointError(
                f"{run_dir} was not started with {config}: its {CONFIG_FILE} is missing or differs."
            )
        return
    if (run_dir / LAST_CHECKPOINT).exists():
        raise CheckpointError(
            f"{run_dir} already holds a run. Pass --resume to resume it, or another --run-dir."
        )
    _check_is_free(run_dir, config)
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(config, kept)
        write_environment(run_dir)
    except OSError as error:
        raise CheckpointError(f"{run_dir} cannot be written: {error.strerror or error}.") from error


def _check_is_free(run_dir: Path, config: Path) -> None:
    """Rejects a folder with files that a run would overwrite, unless they are from a run."""
    kept = run_dir / CONFIG_FILE
    if kept.exists() and (
        (run_dir / ENVIRONMENT_FILE).exists() or kept.read_bytes() == config.read_bytes()
    ):
        return
    files = (CONFIG_FILE, ENVIRONMENT_FILE, DATA_FILE, HISTORY_FILE, PRETRAINED_FILE)
    theirs = [name for name in files if (run_dir / name).exists()]
    if theirs:
        raise CheckpointError(
            f"{shown(run_dir)} holds no run, but has files that a run would overwrite: "
            f"{', '.join(theirs)}. Pass another --run-dir."
        )
