"""Training and resuming after a kill on all backends, each in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import PROJECT
from tests.unit.training.run_commands import assert_same_checkpoint, command
from tests.unit.training.settings import EPOCHS
from training.run_directory.layout import CONFIG_FILE, HISTORY_FILE, LAST_CHECKPOINT

COVERS = (
    "fer_core/files/locks.py",
    "training/run_directory/lock.py",
    "training/input_pipeline/augmentation.py",
    "training/input_pipeline/batches.py",
    "training/run_directory/checkpoint*.py",
    "training/loop/epoch.py",
    "training/input_pipeline/random_affine.py",
    "training/loop/schedule.py",
    "training/train.py",
    "training/loop/trainer.py",
)


def installed(*backends: str) -> list[str]:
    return [backend for backend in backends if find_spec(backend)]


def process(arguments: list[str], backend: str = "tensorflow") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "training.train", *arguments],
        cwd=PROJECT,
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("backend", installed("tensorflow", "torch"))
def test_a_killed_process_resumes_from_the_command_line(tmp_path: Path, backend: str) -> None:
    run_dir = tmp_path / "killed"
    killed = process(command(tmp_path, run_dir), backend)
    while killed.poll() is None and not (run_dir / HISTORY_FILE).exists():
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    resumed = process(command(tmp_path, run_dir, "--resume"), backend)
    output, _ = resumed.communicate()
    assert resumed.returncode == 0, output
    whole = process(command(tmp_path, tmp_path / "whole"), backend)
    whole.communicate()
    assert list(pd.read_csv(run_dir / HISTORY_FILE)["epoch"]) == list(range(1, EPOCHS + 1))
    assert_same_checkpoint(run_dir / LAST_CHECKPOINT, tmp_path / "whole" / LAST_CHECKPOINT)


@pytest.mark.parametrize("backend", installed("jax", "torch"))
def test_other_backends_train_and_tensorflow_resumes(tmp_path: Path, backend: str) -> None:
    run_dir = tmp_path / "run"
    elsewhere = process(command(tmp_path, run_dir), backend=backend)
    output, _ = elsewhere.communicate()
    assert elsewhere.returncode == 0, output
    assert f'"backend": "{backend}"' in (run_dir / "environment.json").read_text()

    longer = (run_dir / CONFIG_FILE).read_text().replace(f"epochs = {EPOCHS}", "epochs = 4", 1)
    (run_dir / CONFIG_FILE).write_text(longer)
    arguments = command(tmp_path, run_dir, "--resume")
    (tmp_path / "tiny.toml").write_text(longer)
    on_tensorflow = process(arguments)
    output, _ = on_tensorflow.communicate()
    assert on_tensorflow.returncode == 0, output
    assert len(pd.read_csv(run_dir / HISTORY_FILE)) == 4
