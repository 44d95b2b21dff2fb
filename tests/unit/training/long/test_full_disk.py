"""A run on a full disk: a separate file system that is too small."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.conftest import PROJECT
from tests.tiny_dataset import write_fer2013_csv
from tests.unit.training.settings import EPOCHS, TINY_CONFIG
from training.run_directory.checkpoints import Checkpoint
from training.run_directory.layout import BEST_CHECKPOINT, LAST_CHECKPOINT
from training.train import app

COVERS = (
    "fer_core/files/locks.py",
    "training/run_directory/lock.py",
    "training/run_directory/checkpoint*.py",
    "training/train.py",
)

# Only this process sees the small disk. It trains until the disk is full, enlarges it and resumes.
TRAIN_TWICE = """
import json, pathlib, shutil, subprocess, sys
from typer.testing import CliRunner
from training.run_directory.checkpoints import Checkpoint
from training.train import app

disk, outcome, *arguments = sys.argv[1:]
run = pathlib.Path(disk) / "run"
full = CliRunner().invoke(app, [*arguments, "--run-dir", str(run)])
left = sorted(path.name for path in (run / "checkpoints").iterdir())
epochs = len(Checkpoint.load(run / "checkpoints/last.npz").history)
subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
resumed = CliRunner().invoke(app, [*arguments, "--run-dir", str(run), "--resume"])
said = {"code": full.exit_code, "output": full.output, "left": left, "epochs": epochs}
said |= {"resumed_code": resumed.exit_code, "resumed_output": resumed.output}
pathlib.Path(outcome).write_text(json.dumps(said))
shutil.copy(run / "checkpoints/last.npz", pathlib.Path(outcome).parent)
"""


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs Linux and permission to mount")
def test_a_full_disk_stops_a_run_with_a_message_and_it_resumes_later(
    tmp_path: Path,
) -> None:
    (tmp_path / "tiny.toml").write_text(TINY_CONFIG)
    data = write_fer2013_csv(tmp_path)
    arguments = ["--config", str(tmp_path / "tiny.toml"), "--data", str(data)]
    whole = tmp_path / "whole"
    assert CliRunner().invoke(app, [*arguments, "--run-dir", str(whole)]).exit_code == 0
    last, best = ((whole / name).stat().st_size for name in (LAST_CHECKPOINT, BEST_CHECKPOINT))
    disk = tmp_path / "disk"
    disk.mkdir()

    # The first epoch's checkpoints fit, but not the second's in addition.
    mount = f"mount -t tmpfs -o size={last + best + last // 2 + 4 * 4096} none {disk}"
    train = [sys.executable, "-c", TRAIN_TWICE, str(disk), str(tmp_path / "outcome.json")]
    subprocess.run(
        [
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            f'{mount} && exec "$@"',
            "-",
            *train,
            *arguments,
        ],
        cwd=PROJECT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
    )
    said = json.loads((tmp_path / "outcome.json").read_text())
    assert said["code"] == 1
    assert "could not be written: No space left on device" in said["output"].replace("\n", " ")
    assert "Traceback" not in said["output"]
    assert (
        {"best.npz", "last.npz"} <= set(said["left"]) <= {"best.next.npz", "best.npz", "last.npz"}
    )
    assert 1 <= said["epochs"] < EPOCHS
    assert said["resumed_code"] == 0, said["resumed_output"]
    resumed, expected = (
        Checkpoint.load(tmp_path / "last.npz"),
        Checkpoint.load(whole / LAST_CHECKPOINT),
    )
    for a, b in zip(
        resumed.weights + resumed.optimizer, expected.weights + expected.optimizer, strict=True
    ):
        np.testing.assert_array_equal(a, b)
