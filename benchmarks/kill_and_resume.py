"""Kills a training at random moments, resumes it each time, and compares it with an unharmed one.

    python benchmarks/kill_and_resume.py
    KERAS_BACKEND=jax python benchmarks/kill_and_resume.py --kills 10 --seed 1

Every other kill waits for a checkpoint that is being written. Final weights and optimizer state
must be equal bit by bit, and so must all of the history but its seconds.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.tiny_dataset import tiny_dataset, write_fer2013_csv  # noqa: E402
from training.checkpoints import Checkpoint  # noqa: E402
from training.runs import BEST_CHECKPOINT, HISTORY_FILE, LAST_CHECKPOINT  # noqa: E402

EPOCHS = 40
CONFIG = f"""
seed = 7
batch_size = 8

[model]
name = "killed"
title = "Killed"
architecture = "cnn"
widths = [16, 32, 64]

[schedule]
epochs = {EPOCHS}
warmup_epochs = 1

[augmentation]
mixup = 0.2

[optimizer]
ema_momentum = 0.9
"""


def main(
    kills: Annotated[int, typer.Option(min=1)] = 10,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
) -> None:
    """Runs the proof; see the module's docstring."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "killed.toml").write_text(CONFIG)
        write_fer2013_csv(folder, tiny_dataset({"train": 12, "valid": 2, "test": 1}))
        torn = sum(_kill_once(folder, index, moments) for index in range(kills))
        for run in ("killed", "whole"):
            if _start(folder, run).wait():
                raise SystemExit(f"The run {run!r} failed.")
        _compare(folder / "killed", folder / "whole")
        print(f"{kills} kills, {torn} of them while a checkpoint was written: all bits are equal.")


def _start(folder: Path, run: str) -> subprocess.Popen[bytes]:
    resume = ["--resume"] if (folder / run / LAST_CHECKPOINT).exists() else []
    options = ["--config", folder / "killed.toml", "--data", folder / "fer2013.csv"]
    return subprocess.Popen(
        [sys.executable, "-m", "training.train", *options, "--run-dir", folder / run, *resume],  # type: ignore[list-item]
        cwd=PROJECT,
        env=os.environ | {"FER_CACHE_DIR": str(folder / "cache")},
        stdout=subprocess.DEVNULL,
    )


def _kill_once(folder: Path, index: int, moments: random.Random) -> bool:
    """Kills a training and says whether a checkpoint was being written."""
    run = folder / "killed"
    before = _epochs(run)
    process = _start(folder, "killed")
    # Importing takes longest, so the moment is drawn from when the first epoch is over.
    while process.poll() is None and _epochs(run) == before:
        time.sleep(0.01)
    if index % 2:
        while process.poll() is None and not _is_writing(run):
            pass
    else:
        time.sleep(moments.uniform(0, 1))
    process.send_signal(signal.SIGKILL)
    if process.wait() != -signal.SIGKILL:
        raise SystemExit("The training was over before it could be killed: raise EPOCHS.")
    torn = _is_writing(run)
    print(f"kill {index + 1}: epoch {_epochs(run)}{', checkpoint half written' if torn else ''}")
    return torn


def _epochs(run: Path) -> int:
    path = run / LAST_CHECKPOINT
    return len(Checkpoint.load(path).history) if path.exists() else 0


def _is_writing(run: Path) -> bool:
    return any((run / LAST_CHECKPOINT).parent.glob("*.tmp"))


def _compare(killed: Path, whole: Path) -> None:
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        one, other = Checkpoint.load(killed / name), Checkpoint.load(whole / name)
        for a, b in zip(one.weights + one.optimizer, other.weights + other.optimizer, strict=True):
            np.testing.assert_array_equal(a, b)
    histories = [pd.read_csv(run / HISTORY_FILE).drop(columns="seconds") for run in (killed, whole)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)  # type: ignore[misc, arg-type]


if __name__ == "__main__":
    typer.run(main)
