"""Run directories as left by kills between the writes of one save."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.run_directory.best_and_last import (
    LAST_CHECKPOINT,
    NEXT_BEST_CHECKPOINT,
)
from training.run_directory.layout import HISTORY_FILE

WRITES = [Path(NEXT_BEST_CHECKPOINT).name, "last.npz", "best.npz", HISTORY_FILE]
"""The files of a save with a new best epoch, in the order of their renames."""


@contextmanager
def copies_before_each_write(run_dir: Path, copies: Path) -> Iterator[list[Path]]:
    """Yields the state after each kill: a folder for each file of WRITES, once it is written."""
    made: list[Path] = []
    real_replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if target.name in WRITES:
            made.append(copies / f"{len(made)}_{target.name}")
            shutil.copytree(run_dir, made[-1])
        return real_replace(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", watched)
        yield made


def assert_equal_weights(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def files(run_dir: Path) -> list[str]:
    return sorted(path.name for path in (run_dir / LAST_CHECKPOINT).parent.iterdir())
