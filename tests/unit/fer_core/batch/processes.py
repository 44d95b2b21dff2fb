"""Runs that are started like by a user, and stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.batch import analyze_folder
from fer_core.batch.shards import FILES_PER_PART

PROJECT = Path(__file__).resolve().parents[4]
HOSTILE = PROJECT / "tests" / "hostile_decoder"


def as_process(
    source: Path | str, output: Path, *options: str, hostile: bool = False
) -> subprocess.Popen[str]:
    """Starts `python -m fer_core batch` with two workers, optionally with a decoder that may
    crash."""
    command = [sys.executable, "-m", "fer_core", "batch", str(source), "--out", str(output)]
    search = [str(HOSTILE)] if hostile else []
    search += filter(None, [os.environ.get("PYTHONPATH")])
    return subprocess.Popen(
        [*command, "--detector", "haar", "--workers", "2", *options],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(search)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begin_and_stop(folder: Path, output: Path) -> None:
    """Analyzes a folder until slightly more than one part is done."""

    def stop(done: int, total: int) -> None:
        if done > FILES_PER_PART:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analyze_folder(folder, output, detector="haar", workers=1, progress=stop)
