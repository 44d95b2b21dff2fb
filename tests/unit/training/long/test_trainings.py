"""Neither stopping a run nor saving it less often changes its weights."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fer_core.labels.emotions import FERPLUS
from tests.tiny_dataset import tiny_dataset
from tests.unit.training.run_commands import assert_same_checkpoint
from tests.unit.training.settings import EPOCHS, tiny_settings
from training import train as train_module
from training.run_directory.layout import BEST_CHECKPOINT, LAST_CHECKPOINT
from training.train import train

COVERS = (
    "training/input_pipeline/batches.py",
    "training/run_directory/checkpoint*.py",
    "training/input_pipeline/resampling.py",
    "training/train.py",
    "training/loop/trainer.py",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"imbalance": {"resampling": "balanced_sampler", "focal_gamma": 2.0}},
        {"imbalance": {"resampling": "smote"}},
        {"extra_votes": {"weight": 0.5}, "optimizer": {"ema_momentum": 0.9}},
    ],
    ids=["balanced_sampler", "smote", "extra_votes"],
)
def test_a_time_limit_stops_a_run_and_resuming_gives_the_same_result(
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


def test_fewer_checkpoints_change_no_weight(tmp_path: Path) -> None:
    settings = tiny_settings(
        optimizer={"ema_momentum": 0.9},
        schedule={"epochs": 4, "warmup_epochs": 1, "small_image_size": 32, "small_image_epochs": 1},
    )
    for name, seconds in (("all", 0.0), ("few", 1e9)):
        train(settings, tiny_dataset(), tmp_path / name, resume=False, save_seconds=seconds)
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        assert_same_checkpoint(tmp_path / "few" / name, tmp_path / "all" / name)
