"""Kills between the writes of one save.

A kill is simulated by a copy of the run directory, taken right before a file is renamed. So one
training covers all the steps at which it could have been killed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.zoo.store import ModelStore
from tests.tiny_dataset import tiny_dataset
from tests.unit.training.saves import WRITES, assert_equal_weights, copies_before_each_write, files
from tests.unit.training.settings import TINY_CONFIG, tiny_settings
from training.export import export
from training.run_directory.best_and_last import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    NEXT_BEST_CHECKPOINT,
    complete_interrupted_save,
    load_best_checkpoint,
    save_checkpoints,
)
from training.run_directory.checkpoints import (
    Checkpoint,
    CheckpointError,
    Row,
    remove_temporary_files,
)
from training.run_directory.layout import CONFIG_FILE, load_best

SETTINGS = tiny_settings()


def epochs(*accuracies: float, seconds: float = 1.0) -> list[Row]:
    return [
        {"epoch": index + 1.0, "val_loss": float("nan"), "val_accuracy": each, "seconds": seconds}
        for index, each in enumerate(accuracies)
    ]


def checkpoint(history: list[Row]) -> Checkpoint:
    return Checkpoint([np.full(3, len(history), np.float32)], [], history)


@pytest.mark.parametrize("unsaved", [1, 2], ids=["every_epoch", "rare"])
@pytest.mark.parametrize("killed_before", WRITES[:3])
def test_best_and_history_match_wherever_a_save_is_killed(
    tmp_path: Path, killed_before: str, unsaved: int
) -> None:
    before, after = epochs(0.2), epochs(0.2, 0.5, 0.3)[: 1 + unsaved]
    save_checkpoints(tmp_path / "run", checkpoint(before), checkpoint(before))
    with copies_before_each_write(tmp_path / "run", tmp_path) as copies:
        save_checkpoints(tmp_path / "run", checkpoint(after[:2]), checkpoint(after))
    assert [copy.name[2:] for copy in copies] == WRITES[:3]
    killed = copies[WRITES.index(killed_before)]
    history = Checkpoint.load(killed / LAST_CHECKPOINT).history
    is_saved = killed_before == "best.npz"
    assert len(history) == len(after if is_saved else before)

    found = load_best_checkpoint(killed, SETTINGS)
    assert_equal_weights(found.weights, checkpoint(after[:2] if is_saved else before).weights)
    complete_interrupted_save(killed, SETTINGS, history)
    assert files(killed) == ["best.npz", "last.npz"]
    settled = Checkpoint.load(killed / BEST_CHECKPOINT)
    assert_equal_weights(settled.weights, found.weights)
    assert_equal_weights(load_best_checkpoint(killed, SETTINGS).weights, found.weights)


def test_a_run_killed_in_its_first_save_starts_over(tmp_path: Path) -> None:
    checkpoint(epochs(0.2)).save(tmp_path / NEXT_BEST_CHECKPOINT)
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        load_best_checkpoint(tmp_path, SETTINGS)
    complete_interrupted_save(tmp_path, SETTINGS, [])
    assert files(tmp_path) == []


def test_removing_partial_files_keeps_a_new_best(tmp_path: Path) -> None:
    new = checkpoint(epochs(0.2))
    new.save(tmp_path / NEXT_BEST_CHECKPOINT)
    new.save(tmp_path / LAST_CHECKPOINT)
    (tmp_path / f"{NEXT_BEST_CHECKPOINT}.tmp").write_bytes(b"half")
    remove_temporary_files(tmp_path / LAST_CHECKPOINT)
    assert files(tmp_path) == ["best.next.npz", "last.npz"]
    assert_equal_weights(load_best_checkpoint(tmp_path, SETTINGS).weights, new.weights)


@pytest.mark.parametrize(
    ("best", "told"),
    [
        (epochs(0.2, 0.5, 0.3, 0.6), "epoch 4 of this"),
        (epochs(0.2), "epoch 1 of this"),
        (epochs(0.2, 0.5, seconds=2.0), "epoch 2 of this or another"),
    ],
    ids=["later", "earlier", "trained_again"],
)
def test_a_best_epoch_missing_from_the_history_is_rejected(
    tmp_path: Path, best: list[Row], told: str
) -> None:
    (tmp_path / CONFIG_FILE).write_text(TINY_CONFIG)
    checkpoint(epochs(0.2, 0.5, 0.3)).save(tmp_path / LAST_CHECKPOINT)
    checkpoint(best).save(tmp_path / BEST_CHECKPOINT)
    refusal = f"Expected: epoch 2, .*Received: {told}"
    with pytest.raises(CheckpointError, match=refusal):
        load_best(tmp_path, tiny_dataset())
    with pytest.raises(CheckpointError, match=refusal):
        export(tmp_path, tiny_dataset(), ModelStore(tmp_path / "models"))
    assert not (tmp_path / "models" / "tiny").exists()
