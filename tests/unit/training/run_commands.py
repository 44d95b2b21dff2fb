"""Starts trainings in tests, and compares their checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.tiny_dataset import write_fer2013_csv
from tests.unit.training.settings import TINY_CONFIG
from training.run_directory.checkpoints import Checkpoint


def assert_same_checkpoint(one: Path, other: Path) -> None:
    """Checks that weights and optimizer state are identical, bit by bit."""
    first, second = Checkpoint.load(one), Checkpoint.load(other)
    for name in ("weights", "optimizer"):
        for a, b in zip(getattr(first, name), getattr(second, name), strict=True):
            np.testing.assert_array_equal(a, b)


def command(tmp_path: Path, run_dir: Path, *options: str) -> list[str]:
    """Returns the arguments of a tiny training; creates its config and data if missing."""
    (tmp_path / "tiny.toml").write_text(TINY_CONFIG)
    data = tmp_path / "fer2013.csv"
    if not data.exists():
        write_fer2013_csv(tmp_path)
    paths = ["--config", str(tmp_path / "tiny.toml"), "--data", str(data)]
    return [*paths, "--run-dir", str(run_dir), *options]
