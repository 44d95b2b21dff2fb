"""Kills between the writes of one save.

What a kill leaves is a copy of the run directory, taken right before a file takes its place. So one
training shows all the moments in which it could have been killed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from tests.unit.training.settings import EPOCHS, TINY_CONFIG, tiny_settings
from training import train as train_module
from training.checkpoint_pair import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    NEXT_BEST_CHECKPOINT,
    load_best_checkpoint,
    save_pair,
    settle_pair,
)
from training.checkpoints import Checkpoint, CheckpointError, Row, remove_half_written
from training.datasets import FaceDataset, read_dataset
from training.environment import write_environment
from training.export import export
from training.runs import CONFIG_FILE, HISTORY_FILE, load_best
from training.schedule import best_epoch
from training.settings import TrainingSettings, read_settings
from training.train import train
from training.validation import validate

SETTINGS = tiny_settings()
WRITES = [Path(NEXT_BEST_CHECKPOINT).name, "last.npz", "best.npz", HISTORY_FILE]
"""The files of a save with a new best, in the order in which they take their places."""

ACCURACIES = {0.0: [0.2, 0.5, 0.3], 2.0: [0.2, 0.5, 0.6]}
"""Of each epoch, by `save_seconds`: by the clock of `scored`, 0 saves after each epoch and 2 after
the second and the last. Either way the second save has a new best."""


@contextmanager
def copies_before_each_write(run_dir: Path, copies: Path) -> Iterator[list[Path]]:
    """Gives what kills would have left: a folder for each file of WRITES, once it is written."""
    made: list[Path] = []
    real_replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if target.name in WRITES:
            made.append(copies / f"{len(made)}_{target.name}")
            shutil.copytree(run_dir, made[-1])
        return real_replace(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", watched)
        yield made


@contextmanager
def scored(accuracies: list[float]) -> Iterator[list[Any]]:
    """Lets the epochs of a training score as told; gives the weights of each that were scored.

    The clock for `save_seconds` ticks when it is asked.
    """
    weights: list[Any] = []
    told = iter(accuracies)

    def score(classifier: keras.Model, *others: Any) -> Row:
        row = validate(classifier, *others)
        weights.append(classifier.get_weights())
        return row | {"val_accuracy": next(told)}

    with pytest.MonkeyPatch.context() as patch:
        clock = SimpleNamespace(perf_counter=time.perf_counter, monotonic=count().__next__)
        patch.setattr(train_module, "time", clock)
        patch.setattr(train_module, "validate", score)
        yield weights


def assert_equal_weights(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def epochs(*accuracies: float, seconds: float = 1.0) -> list[Row]:
    return [
        {"epoch": index + 1.0, "val_loss": float("nan"), "val_accuracy": each, "seconds": seconds}
        for index, each in enumerate(accuracies)
    ]


def checkpoint(history: list[Row]) -> Checkpoint:
    return Checkpoint([np.full(3, len(history), np.float32)], [], history)


def files(run_dir: Path) -> list[str]:
    return sorted(path.name for path in (run_dir / LAST_CHECKPOINT).parent.iterdir())


@pytest.mark.parametrize("unsaved", [1, 2], ids=["every_epoch", "rare"])
@pytest.mark.parametrize("killed_before", WRITES[:3])
def test_best_and_history_belong_together_wherever_a_save_is_killed(
    tmp_path: Path, killed_before: str, unsaved: int
) -> None:
    before, after = epochs(0.2), epochs(0.2, 0.5, 0.3)[: 1 + unsaved]
    save_pair(tmp_path / "run", checkpoint(before), checkpoint(before))
    with copies_before_each_write(tmp_path / "run", tmp_path) as copies:
        save_pair(tmp_path / "run", checkpoint(after[:2]), checkpoint(after))
    assert [copy.name[2:] for copy in copies] == WRITES[:3]
    killed = copies[WRITES.index(killed_before)]
    history = Checkpoint.load(killed / LAST_CHECKPOINT).history
    is_saved = killed_before == "best.npz"
    assert len(history) == len(after if is_saved else before)

    found = load_best_checkpoint(killed, SETTINGS)
    assert_equal_weights(found.weights, checkpoint(after[:2] if is_saved else before).weights)
    settle_pair(killed, SETTINGS, history)
    assert files(killed) == ["best.npz", "last.npz"]
    settled = Checkpoint.load(killed / BEST_CHECKPOINT)
    assert_equal_weights(settled.weights, found.weights)
    assert_equal_weights(load_best_checkpoint(killed, SETTINGS).weights, found.weights)


def test_a_run_that_was_killed_in_its_first_save_begins_anew(tmp_path: Path) -> None:
    checkpoint(epochs(0.2)).save(tmp_path / NEXT_BEST_CHECKPOINT)
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        load_best_checkpoint(tmp_path, SETTINGS)
    settle_pair(tmp_path, SETTINGS, [])
    assert files(tmp_path) == []


def test_removing_what_is_half_written_spares_a_new_best(tmp_path: Path) -> None:
    new = checkpoint(epochs(0.2))
    new.save(tmp_path / NEXT_BEST_CHECKPOINT)
    new.save(tmp_path / LAST_CHECKPOINT)
    (tmp_path / f"{NEXT_BEST_CHECKPOINT}.tmp").write_bytes(b"half")
    remove_half_written(tmp_path / LAST_CHECKPOINT)
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
def test_a_best_that_the_history_does_not_know_is_refused(
    tmp_path: Path, best: list[Row], told: str
) -> None:
    (tmp_path / CONFIG_FILE).write_text(TINY_CONFIG)
    checkpoint(epochs(0.2, 0.5, 0.3)).save(tmp_path / LAST_CHECKPOINT)
    checkpoint(best).save(tmp_path / BEST_CHECKPOINT)
    refusal = f"Expected: epoch 2, .*Received: {told}"
    with pytest.raises(CheckpointError, match=refusal):
        load_best(tmp_path, tiny_dataset())
    with pytest.raises(CheckpointError, match=refusal):
        export(tmp_path, tiny_dataset(), tmp_path / "models")
    assert not (tmp_path / "models" / "tiny").exists()


@dataclass(frozen=True)
class Killed:
    """A training that was killed at each moment of its second save.

    Attributes:
        settings: of the run.
        dataset: of the run.
        save_seconds: see `train`.
        whole: the run directory of the one that was not killed.
        copies: by the file of WRITES that was about to take its place.
        weights: of each epoch, as they were scored.
    """

    settings: TrainingSettings
    dataset: FaceDataset
    save_seconds: float
    whole: Path
    copies: dict[str, Path]
    weights: list[Any]


@pytest.fixture(scope="module", params=ACCURACIES, ids=["every_epoch", "rare"])
def killed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    run_dir = folder / "whole"
    run_dir.mkdir()
    (run_dir / CONFIG_FILE).write_text(TINY_CONFIG)
    write_environment(run_dir)
    settings = read_settings(run_dir / CONFIG_FILE)
    dataset = read_dataset(write_fer2013_csv(folder))
    with (
        copies_before_each_write(run_dir, folder) as copies,
        scored(ACCURACIES[request.param]) as weights,
    ):
        train(settings, dataset, run_dir, resume=False, save_seconds=request.param)
    second_save = copies[4:8]
    assert [copy.name[2:] for copy in second_save] == WRITES
    by_write = dict(zip(WRITES, second_save, strict=True))
    return Killed(settings, dataset, request.param, run_dir, by_write, weights)


def resume(killed: Killed, run_dir: Path, accuracies: list[float]) -> list[Row]:
    """Goes on with a copy, whose epochs to come score as told."""
    with scored(accuracies):
        return train(
            killed.settings,
            killed.dataset,
            run_dir,
            resume=True,
            save_seconds=killed.save_seconds,
        )


@pytest.mark.slow
@pytest.mark.parametrize("killed_before", WRITES)
def test_a_run_killed_within_a_save_ends_as_one_that_was_not(
    tmp_path: Path, killed: Killed, killed_before: str
) -> None:
    run_dir = shutil.copytree(killed.copies[killed_before], tmp_path / "run")
    saved = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    best = best_epoch(killed.settings, saved)
    assert best is not None
    _, classifier = load_best(run_dir, killed.dataset)
    assert_equal_weights(classifier.get_weights(), killed.weights[best])

    history = resume(killed, run_dir, ACCURACIES[killed.save_seconds][len(saved) :])
    assert files(run_dir) == ["best.npz", "last.npz"]
    for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
        one, other = Checkpoint.load(run_dir / name), Checkpoint.load(killed.whole / name)
        assert_equal_weights(one.weights, other.weights)
        assert_equal_weights(one.optimizer, other.optimizer)
        assert comparable(one.history).equals(comparable(other.history))
    assert history[: len(saved)] == saved
    best = best_epoch(killed.settings, history)
    assert best is not None
    assert Checkpoint.load(run_dir / BEST_CHECKPOINT).history == history[: best + 1]
    assert_equal_weights(
        load_best_checkpoint(run_dir, killed.settings).weights, killed.weights[best]
    )


def comparable(history: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(history).drop(columns="seconds")


@pytest.mark.slow
def test_a_best_that_does_not_come_again_is_forgotten(tmp_path: Path, killed: Killed) -> None:
    """As on a device that computes other bits each time."""
    run_dir = shutil.copytree(killed.copies["last.npz"], tmp_path / "run")
    saved = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    resume(killed, run_dir, [0.1] * (EPOCHS - len(saved)))
    kept = load_best_checkpoint(run_dir, killed.settings)
    assert kept.history == saved
    assert_equal_weights(kept.weights, killed.weights[len(saved) - 1])


@pytest.mark.slow
def test_an_export_of_a_run_that_did_not_go_on_has_the_best_that_was_saved(
    tmp_path: Path, killed: Killed
) -> None:
    run_dir = killed.copies["best.npz"]
    saved = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    card = export(run_dir, killed.dataset, tmp_path, mantissa_bits=23)
    assert card.training is not None
    assert card.training.epochs == card.training.best_epoch == len(saved)
    assert list(pd.read_csv(tmp_path / "tiny" / HISTORY_FILE)["epoch"]) == [
        row["epoch"] for row in saved
    ]
    exported = keras.models.load_model(tmp_path / "tiny" / "model.keras", compile=False)
    assert_equal_weights(exported.get_weights(), killed.weights[len(saved) - 1])
    assert files(run_dir) == ["best.next.npz", "best.npz", "last.npz"]
