"""Training for real, on made-up faces and a very small network."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from fer_core.emotions import FERPLUS
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from tests.unit.training.settings import EPOCHS, TINY_CONFIG, tiny_settings
from training import train as train_module
from training.checkpoints import Checkpoint, CheckpointError
from training.runs import BEST_CHECKPOINT, CONFIG_FILE, HISTORY_FILE, LAST_CHECKPOINT
from training.train import app, train

PROJECT = Path(__file__).resolve().parents[3]


class Stopped(Exception):
    pass


def assert_same_checkpoint(one: Path, other: Path) -> None:
    first, second = Checkpoint.load(one), Checkpoint.load(other)
    for name in ("weights", "optimizer"):
        for a, b in zip(getattr(first, name), getattr(second, name), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_it_learns_what_can_be_learnt(tmp_path: Path) -> None:
    settings = tiny_settings(
        schedule={"epochs": 20, "warmup_epochs": 1},
        augmentation={"flip": False, "rotation_degrees": 0, "zoom": 0, "shift": 0, "erasing": 0},
        model=tiny_settings().model.model_dump() | {"widths": (8, 8, 16)},
    )
    dataset = tiny_dataset({"train": 12, "valid": 4, "test": 1})
    history = train(settings, dataset, tmp_path, resume=False)
    assert history[-1]["val_accuracy"] > 0.8
    assert history[-1]["loss"] < history[0]["loss"]


@pytest.mark.slow
@pytest.mark.parametrize("ema", [None, 0.9])
def test_a_run_stopped_and_resumed_ends_as_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ema: float | None
) -> None:
    settings = tiny_settings(
        optimizer={"ema_momentum": ema},
        schedule={"epochs": 4, "warmup_epochs": 1, "small_image_size": 32, "small_image_epochs": 2},
    )
    whole = train(settings, tiny_dataset(), tmp_path / "whole", resume=False)

    describe = train_module._describe

    def stop_after_epoch_two(row: dict[str, float]) -> str:
        if row["epoch"] == 2:
            raise Stopped
        return describe(row)

    monkeypatch.setattr(train_module, "_describe", stop_after_epoch_two)
    with pytest.raises(Stopped):
        train(settings, tiny_dataset(), tmp_path / "parts", resume=False)
    monkeypatch.setattr(train_module, "_describe", describe)
    parts = train(settings, tiny_dataset(), tmp_path / "parts", resume=True)

    def comparable(rows: list[dict[str, float]]) -> pd.DataFrame:
        return pd.DataFrame(rows).drop(columns="seconds")

    pd.testing.assert_frame_equal(comparable(parts), comparable(whole), check_exact=True)
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        assert_same_checkpoint(tmp_path / "parts" / name, tmp_path / "whole" / name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"imbalance": {"resampling": "balanced_sampler", "focal_gamma": 2.0}},
        {"imbalance": {"resampling": "smote"}},
        {"extra_votes": {"weight": 0.5}, "optimizer": {"ema_momentum": 0.9}},
    ],
    ids=["balanced_sampler", "smote", "extra_votes"],
)
def test_time_that_is_out_stops_a_run_and_a_resume_ends_as_if_it_had_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    faces = replace(tiny_dataset({"train": 7, "valid": 2, "test": 1}), name="fer2013")
    votes = replace(faces, label_names=FERPLUS, targets=np.full((len(faces), 8), 0.125, np.float32))
    options: dict[str, Any] = {
        "settings": tiny_settings(**changes),
        "dataset": faces,
        "ferplus": votes,
    }
    train(**options, run_dir=tmp_path / "whole", resume=False)
    times = chain([0.0, 0.0], repeat(99.0))
    clock = SimpleNamespace(perf_counter=time.perf_counter, monotonic=times.__next__)
    monkeypatch.setattr(train_module, "time", clock)
    parts = train(**options, run_dir=tmp_path / "parts", resume=False, stop_at=50.0)
    assert len(parts) == 1
    monkeypatch.undo()
    assert len(train(**options, run_dir=tmp_path / "parts", resume=True)) == EPOCHS
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        assert_same_checkpoint(tmp_path / "parts" / name, tmp_path / "whole" / name)


@pytest.mark.slow
def test_fewer_checkpoints_change_no_weight(tmp_path: Path) -> None:
    settings = tiny_settings(
        optimizer={"ema_momentum": 0.9},
        schedule={"epochs": 4, "warmup_epochs": 1, "small_image_size": 32, "small_image_epochs": 1},
    )
    for name, seconds in (("all", 0.0), ("few", 1e9)):
        train(settings, tiny_dataset(), tmp_path / name, resume=False, save_seconds=seconds)
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        assert_same_checkpoint(tmp_path / "few" / name, tmp_path / "all" / name)


def command(tmp_path: Path, run_dir: Path, *options: str) -> list[str]:
    (tmp_path / "tiny.toml").write_text(TINY_CONFIG)
    data = tmp_path / "fer2013.csv"
    if not data.exists():
        write_fer2013_csv(tmp_path)
    paths = ["--config", str(tmp_path / "tiny.toml"), "--data", str(data)]
    return [*paths, "--run-dir", str(run_dir), *options]


def process(arguments: list[str], backend: str = "tensorflow") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "training.train", *arguments],
        cwd=PROJECT,
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_a_killed_process_resumes_from_the_command_line(tmp_path: Path, backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
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


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_train_too_and_tensorflow_goes_on(tmp_path: Path, backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
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


def test_a_second_start_does_not_overwrite_a_run(tmp_path: Path) -> None:
    checkpoint = tmp_path / "run" / LAST_CHECKPOINT
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"precious")
    result = CliRunner().invoke(app, command(tmp_path, tmp_path / "run"))
    assert result.exit_code == 1
    assert "already holds a run" in result.output.replace("\n", " ")
    assert checkpoint.read_bytes() == b"precious"


def test_resuming_with_another_config_is_refused(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / CONFIG_FILE).write_text("seed = 99\n")
    result = CliRunner().invoke(app, command(tmp_path, run_dir, "--resume"))
    assert result.exit_code == 1
    assert "was not started with" in result.output.replace("\n", " ")


def test_resuming_with_changed_data_is_refused(tmp_path: Path) -> None:
    train(tiny_settings(), tiny_dataset(), tmp_path, resume=False, stop_at=0.0)
    (tmp_path / LAST_CHECKPOINT).parent.mkdir(exist_ok=True)
    changed = tiny_dataset()
    changed.images[0, 0, 0] ^= 1
    with pytest.raises(CheckpointError, match="started with other data: tiny is not"):
        train(tiny_settings(), changed, tmp_path, resume=True)


def test_resuming_a_run_that_never_began_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        train(tiny_settings(), tiny_dataset(), tmp_path, resume=True)
