"""What data a run was started with, so that it does not go on with other data unnoticed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from training.run_directory.checkpoints import CheckpointError, atomic_write_in_run

DATA_FILE: Final = "data.json"


def remember_data(run_dir: Path, fingerprints: Mapping[str, str]) -> None:
    """Writes into a new run directory which data it learns from.

    Args:
        run_dir: made if missing.
        fingerprints: of each dataset, by its name.

    Raises:
        CheckpointError: nothing can be written there.
    """
    with atomic_write_in_run(run_dir / DATA_FILE) as file:
        file.write((json.dumps(dict(fingerprints), indent=2) + "\n").encode())


def require_same_data(run_dir: Path, fingerprints: Mapping[str, str]) -> None:
    """Checks that a run goes on with the data it was started with.

    Runs from before there was such a file are let through.

    Raises:
        CheckpointError: a dataset has changed, or is another one.
    """
    path = run_dir / DATA_FILE
    if not path.exists() or json.loads(path.read_text(encoding="utf-8")) == dict(fingerprints):
        return
    raise CheckpointError(
        f"{run_dir} was started with other data: {' or '.join(fingerprints)} is not what "
        f"{DATA_FILE} says. Put the data back as it was, or start a new run directory."
    )
