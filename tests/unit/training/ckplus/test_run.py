from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_ckplus import write_cropped
from training.ckplus.run import start_run
from training.datasets.ckplus import read_ckplus
from training.run_directory.checkpoints import CheckpointError


@pytest.mark.parametrize("left", ["folds/fold_00.npz", "checkpoints/best.npz"])
def test_a_new_run_does_not_use_weights_of_another_run(tmp_path: Path, left: str) -> None:
    (tmp_path / "run" / left).parent.mkdir(parents=True)
    (tmp_path / "run" / left).touch()
    dataset = read_ckplus(write_cropped(tmp_path))
    with pytest.raises(CheckpointError, match="belongs to another run"):
        start_run(tmp_path / "config.toml", dataset, tmp_path / "run")
    assert not (tmp_path / "run" / "config.toml").exists()
