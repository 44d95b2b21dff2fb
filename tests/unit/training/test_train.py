"""Real training on synthetic faces with a very small network."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.tiny_dataset import tiny_dataset
from tests.unit.training.run_commands import assert_same_checkpoint, command
from tests.unit.training.settings import tiny_settings
from training import train as train_module
from training.run_directory.checkpoints import CheckpointError
from training.run_directory.layout import BEST_CHECKPOINT, CONFIG_FILE, LAST_CHECKPOINT
from training.train import app, train

PROJECT = Path(__file__).resolve().parents[3]


class Stopped(Exception):
    pass


@pytest.mark.slow
def test_it_learns_a_learnable_task(tmp_path: Path) -> None:
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
def test_a_resumed_run_gives_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tiny_settings(
        optimizer={"ema_momentum": 0.9},
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


def test_a_second_start_does_not_overwrite_a_run(tmp_path: Path) -> None:
    checkpoint = tmp_path / "run" / LAST_CHECKPOINT
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"precious")
    result = CliRunner().invoke(app, command(tmp_path, tmp_path / "run"))
    assert result.exit_code == 1
    assert "already holds a run" in result.output.replace("\n", " ")
    assert checkpoint.read_bytes() == b"precious"


def test_resuming_with_another_config_is_rejected(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / CONFIG_FILE).write_text("seed = 99\n")
    result = CliRunner().invoke(app, command(tmp_path, run_dir, "--resume"))
    assert result.exit_code == 1
    assert "was not started with" in result.output.replace("\n", " ")


def test_resuming_with_changed_data_is_rejected(tmp_path: Path) -> None:
    train(tiny_settings(), tiny_dataset(), tmp_path, resume=False, stop_at=0.0)
    (tmp_path / LAST_CHECKPOINT).parent.mkdir(exist_ok=True)
    changed = tiny_dataset()
    changed.images[0, 0, 0] ^= 1
    with pytest.raises(CheckpointError, match="started with different data: tiny does not match"):
        train(tiny_settings(), changed, tmp_path, resume=True)


def test_resuming_a_run_that_never_started_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        train(tiny_settings(), tiny_dataset(), tmp_path, resume=True)
