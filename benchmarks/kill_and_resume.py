"""Kills a run at random times, resumes it each time, and compares it with an uninterrupted one.

    python benchmarks/kill_and_resume.py
    KERAS_BACKEND=torch python benchmarks/kill_and_resume.py --kills 50 --while-saving 15

Every other kill waits until a checkpoint is being written, and happens during the write or right
after. Each kill may lose at most the current epoch: every epoch that was printed must be saved, and
no saved epoch may be trained again, which would change its seconds. Final weights and optimizer
state must be identical bit by bit, and so must the history, except for its seconds. With other load
on the cores, OMP_NUM_THREADS=1 makes an epoch several times faster.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import random
import re
import signal
import sys
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.tiny_dataset import tiny_dataset, write_fer2013_csv  # noqa: E402
from training.run_directory.checkpoints import Checkpoint, Row  # noqa: E402
from training.run_directory.layout import BEST_CHECKPOINT, HISTORY_FILE, LAST_CHECKPOINT  # noqa: E402

EPOCHS_PER_KILL = 4
_PROCESSES = multiprocessing.get_context("spawn")
CONFIG = """
seed = 7
batch_size = 8

[model]
name = "killed"
title = "Killed"
architecture = "cnn"
widths = [16, 32, 64]

[schedule]
epochs = {epochs}
warmup_epochs = 1

[augmentation]
mixup = 0.2

[optimizer]
ema_momentum = 0.9
"""


def main(
    kills: Annotated[int, typer.Option(min=1)] = 10,
    while_saving: Annotated[int, typer.Option(help="Minimum number of kills during a save.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the kill times.")] = 1,
) -> None:
    """Runs the check; see the module's docstring."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FER_CACHE_DIR"] = str(folder / "cache")
        (folder / "killed.toml").write_text(CONFIG.format(epochs=EPOCHS_PER_KILL * kills))
        write_fer2013_csv(folder, tiny_dataset({"train": 12, "valid": 2, "test": 1}))
        torn = sum(_kill_once(folder, index, moments) for index in range(kills))
        if torn < while_saving:
            raise SystemExit(f"Only {torn} kills happened during a save: increase --kills.")
        kept = _saved_epochs(folder / "killed")
        for run in ("killed", "whole"):
            process = _start(folder, run)
            process.join()
            if process.exitcode:
                raise SystemExit(f"The run {run!r} failed.")
        _require_kept(folder / "killed", kept)
        _compare(folder / "killed", folder / "whole")
        print(
            f"{kills} kills, {torn} of them while a checkpoint was written: each lost at most the "
            "current epoch, and all bits are identical."
        )


def _start(folder: Path, run: str) -> BaseProcess:
    arguments = ["--config", str(folder / "killed.toml"), "--data", str(folder / "fer2013.csv")]
    arguments += ["--run-dir", str(folder / run)]
    if (folder / run / LAST_CHECKPOINT).exists():
        arguments.append("--resume")
    process = _PROCESSES.Process(target=_train, args=[arguments, _told_file(folder / run)])
    process.start()
    return process


def _train(arguments: list[str], told: Path) -> None:
    with told.open("a", buffering=1) as file, contextlib.redirect_stdout(file):
        importlib.import_module("training.train").app(arguments)


def _kill_once(folder: Path, index: int, moments: random.Random) -> bool:
    """Kills a run and returns whether a checkpoint was being written.

    Raises:
        SystemExit: this kill or the previous one lost more than the current epoch.
    """
    run = folder / "killed"
    before, kept = _saved_ns(run), _saved_epochs(run)
    process = _start(folder, "killed")
    # Reading and building take longest, so the kill time is counted from the end of an epoch.
    while process.is_alive() and _saved_ns(run) == before:
        time.sleep(0.01)
    if index % 2:
        while process.is_alive() and not _is_writing(run):
            time.sleep(0.0002)
        time.sleep(moments.uniform(0, 0.002))
    else:
        time.sleep(moments.uniform(0, 1))
    process.kill()
    process.join()
    if process.exitcode != -signal.SIGKILL:
        raise SystemExit("The run finished before it could be killed: increase EPOCHS_PER_KILL.")
    torn = _is_writing(run)
    saved, told = _saved_epochs(run), _told_epochs(run)
    print(
        f"kill {index + 1}: epoch {len(saved)}{', checkpoint partially written' if torn else ''}",
        flush=True,
    )
    if told > len(saved):
        raise SystemExit(f"Epoch {told} was printed, but only {len(saved)} are saved.")
    _require_kept(run, kept)
    return torn


def _saved_ns(run: Path) -> int:
    path = run / LAST_CHECKPOINT
    return path.stat().st_mtime_ns if path.exists() else 0


def _require_kept(run: Path, kept: list[Row]) -> None:
    if _saved_epochs(run)[: len(kept)] != kept:
        raise SystemExit(f"Some of the {len(kept)} epochs that were saved were trained again.")


def _saved_epochs(run: Path) -> list[Row]:
    path = run / LAST_CHECKPOINT
    return Checkpoint.load(path).history if path.exists() else []


def _told_file(run: Path) -> Path:
    return run.with_suffix(".txt")


def _told_epochs(run: Path) -> int:
    """The last epoch that a run has printed, which it does after saving the epoch."""
    epochs = re.findall(r"^epoch +(\d+)", _told_file(run).read_text(), re.MULTILINE)
    return int(epochs[-1]) if epochs else 0


def _is_writing(run: Path) -> bool:
    return any((run / LAST_CHECKPOINT).parent.glob("*.tmp"))


def _compare(killed: Path, whole: Path) -> None:
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        one, other = Checkpoint.load(killed / name), Checkpoint.load(whole / name)
        for a, b in zip(one.weights + one.optimizer, other.weights + other.optimizer, strict=True):
            np.testing.assert_array_equal(a, b)
    one_history, other_history = (
        pd.read_csv(run / HISTORY_FILE).drop(columns="seconds") for run in (killed, whole)
    )
    pd.testing.assert_frame_equal(one_history, other_history, check_exact=True)


if __name__ == "__main__":
    typer.run(main)
