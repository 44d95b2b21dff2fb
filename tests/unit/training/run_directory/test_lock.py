"""One process trains in a run directory, and a run does not overwrite unrelated files."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_core.errors import OutputError
from tests.tiny_dataset import write_fer2013_csv
from tests.unit.training.settings import TINY_CONFIG
from training.run_directory import prepare_run_dir
from training.run_directory.checkpoints import CheckpointError
from training.run_directory.lock import LOCK_FILE, lock_run_directory
from training.train import app


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY_CONFIG)
    return path


def test_a_second_training_in_one_run_directory_is_rejected(tmp_path: Path, config: Path) -> None:
    run = tmp_path / "run"
    data = write_fer2013_csv(tmp_path)
    command = ["--config", str(config), "--data", str(data), "--run-dir", str(run)]
    with lock_run_directory(run):
        for more in ([], ["--resume"]):
            result = CliRunner().invoke(app, [*command, *more])
            assert result.exit_code == 1
            assert "in use by another run" in result.output
        assert [path.name for path in run.iterdir()] == [LOCK_FILE]
    assert not run.exists()


def test_a_run_directory_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(CheckpointError, match="cannot be written"),
        lock_run_directory(tmp_path / "file"),
    ):
        pass
    with (
        pytest.raises((CheckpointError, OutputError), match="cannot be"),
        lock_run_directory(Path("/proc")),
    ):
        pass


@pytest.mark.parametrize("name", ["history.csv", "config.toml", "environment.json"])
def test_unrelated_files_are_not_overwritten(tmp_path: Path, config: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(CheckpointError, match=f"would overwrite: {name}"):
        prepare_run_dir(tmp_path, config, resume=False)
    assert (tmp_path / name).read_text() == "mine"


def test_leftovers_from_before_the_first_epoch_are_replaced(tmp_path: Path, config: Path) -> None:
    run = tmp_path / "run"
    prepare_run_dir(run, config, resume=False)
    config.write_text(TINY_CONFIG + "\n# another try\n")
    prepare_run_dir(run, config, resume=False)
    assert (run / "config.toml").read_bytes() == config.read_bytes()
