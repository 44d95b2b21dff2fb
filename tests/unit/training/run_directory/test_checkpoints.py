from __future__ import annotations

import os
import stat
from pathlib import Path

import keras
import numpy as np
import pytest

from training.run_directory.checkpoints import Checkpoint, CheckpointError, remove_temporary_files

resource = pytest.importorskip("resource", reason="Windows has no file size limits")

HISTORY = [{"epoch": 1.0, "val_loss": 1.25}]


def compiled_model(units: int = 3) -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="mse")
    model.train_on_batch(np.ones((2, 4)), np.ones((2, units)))
    return model


def captured(model: keras.Model) -> Checkpoint:
    return Checkpoint.capture(model, model.optimizer, HISTORY)


def test_a_checkpoint_restores_weights_momentum_and_history(tmp_path: Path) -> None:
    trained = compiled_model()
    captured(trained).save(tmp_path / "last.npz")
    other = compiled_model()
    loaded = Checkpoint.load(tmp_path / "last.npz")
    loaded.restore(other, other.optimizer)
    assert loaded.history == HISTORY
    for variable, expected in zip(
        [*other.weights, *other.optimizer.variables],
        [*trained.weights, *trained.optimizer.variables],
        strict=True,
    ):
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(variable), keras.ops.convert_to_numpy(expected)
        )


def test_a_failed_save_keeps_the_old_checkpoint_and_no_temporary_files(tmp_path: Path) -> None:
    path = tmp_path / "last.npz"
    small = captured(compiled_model())
    small.save(path)
    before = path.read_bytes()
    large = Checkpoint([np.zeros(2**20)], [], HISTORY)
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, allowed[1]))
    try:
        with pytest.raises(CheckpointError, match=r"could not be written: .*--resume"):
            large.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    small.save(path)


def test_a_save_is_flushed_before_it_replaces_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "last.npz"
    captured(compiled_model()).save(path)
    before = path.read_bytes()
    flushed = []

    def fsync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            flushed.append(path.read_bytes() == before)
        real_fsync(descriptor)

    real_fsync = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    captured(compiled_model()).save(path)
    assert flushed == [True]
    assert path.read_bytes() != before


def test_the_checksum_is_written_last_and_detects_mixed_checkpoints(
    tmp_path: Path,
) -> None:
    path = tmp_path / "last.npz"
    captured(compiled_model()).save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    assert list(arrays)[-1] == "checksum"
    np.savez(path, allow_pickle=False, **(arrays | {"weight_0000": arrays["weight_0000"] + 1}))
    with pytest.raises(CheckpointError, match="damaged: its checksum does not match"):
        Checkpoint.load(path)
    del arrays["checksum"]  # as in older runs
    np.savez(path, allow_pickle=False, **arrays)
    assert Checkpoint.load(path).history == HISTORY


def test_leftovers_of_a_killed_save_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "last.npz"
    captured(compiled_model()).save(path)
    (tmp_path / "last.npz.tmp").write_bytes(b"half")
    remove_temporary_files(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kept", [0, 20, 400])
def test_a_truncated_file_is_reported_as_damaged(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "last.npz"
    captured(compiled_model()).save(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match="damaged"):
        Checkpoint.load(path)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        Checkpoint.load(tmp_path / "last.npz")


def test_another_model_is_rejected() -> None:
    other = compiled_model(units=5)
    with pytest.raises(CheckpointError, match="another config"):
        captured(compiled_model()).restore(other, other.optimizer)
