"""Fingerprints of a run's data, so that it cannot resume with different data unnoticed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from training.run_directory.checkpoints import CheckpointError, atomic_write_in_run

DATA_FILE: Final = "data.json"


def write_data_fingerprint(run_dir: Path, fingerprints: Mapping[str, str]) -> None:
    """Writes the fingerprints of the data into a new run directory.

    Args:
        run_dir: created if missing.
        fingerprints: the fingerprint of each dataset, by name.

    Raises:
        CheckpointError: the file cannot be written.
    """
    with atomic_write_in_run(run_dir / DATA_FILE) as file:
        file.write((json.dumps(dict(fingerprints), indent=2) + "\n").encode())


def require_same_data(run_dir: Path, fingerprints: Mapping[str, str]) -> None:
    """Checks that a run resumes with the data it was started with.

    Older runs without such a file pass.

    Raises:
        CheckpointError: a dataset has changed.
    """
    path = run_dir / DATA_FILE
    if not path.exists() or json.loads(path.read_text(encoding="utf-8")) == dict(fingerprints):
        return
    raise CheckpointError(
        f"{run_dir} was started with different data: {' or '.join(fingerprints)} does not match "
        f"{DATA_FILE}. Restore the data, or start a new run directory."
    )
