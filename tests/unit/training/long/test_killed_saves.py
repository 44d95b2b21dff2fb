"""Complete runs that are killed between the writes of one save; see test_checkpoint_pair.py."""

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
import pandas as pd
import pytest

from fer_core.zoo.store import ModelStore
from tests.tiny_dataset import write_fer2013_csv
from tests.unit.training.saves import WRITES, assert_equal_weights, copies_before_each_write, files
from tests.unit.training.settings import EPOCHS, TINY_CONFIG
from training import train as train_module
from training.datasets import FaceDataset, read_dataset
from training.export import export
from training.loop.validation import validate
from training.run_directory.best_and_last import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    load_best_checkpoint,
)
from training.run_directory.checkpoints import Checkpoint, Row
from training.run_directory.environment import write_environment
from training.run_directory.layout import CONFIG_FILE, HISTORY_FILE, load_best
from training.run_directory.progress import best_epoch
from training.settings import TrainingSettings, read_settings
from training.train import train

COVERS = (
    "fer_core/files/locks.py",
    "training/run_directory/lock.py",
    "training/run_directory/checkpoint*.py",
    "training/export.py",
    "training/loop/schedule.py",
    "training/train.py",
)

ACCURACIES = {0.0: [0.2, 0.5, 0.3], 2.0: [0.2, 0.5, 0.6]}
"""Of each epoch, by `save_seconds`: by the clock of `scored`, 0 saves after each epoch and 2 after
the second and the last. Either way the second save has a new best."""


@contextmanager
def scored(accuracies: list[float]) -> Iterator[list[Any]]:
    """Makes the epochs of a training have given scores; returns the weights of each scored epoch.

    The clock for `save_seconds` advances with each call.
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


@dataclass(frozen=True)
class Killed:
    """A training that was killed at each step of its second save.

    Attributes:
        settings: settings of the run.
        dataset: dataset of the run.
        save_seconds: see `train`.
        whole: the run directory of the uninterrupted run.
        copies: run directories, by the file of WRITES that was about to be replaced.
        weights: the scored weights of each epoch.
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
    """Resumes a copy, with given scores for its remaining epochs."""
    with scored(accuracies):
        return train(
            killed.settings,
            killed.dataset,
            run_dir,
            resume=True,
            save_seconds=killed.save_seconds,
        )


@pytest.mark.parametrize("killed_before", WRITES)
def test_a_run_killed_during_a_save_gives_the_same_result(
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


def test_a_best_epoch_that_does_not_recur_is_discarded(tmp_path: Path, killed: Killed) -> None:
    """As on a device that is not deterministic."""
    run_dir = shutil.copytree(killed.copies["last.npz"], tmp_path / "run")
    saved = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    resume(killed, run_dir, [0.1] * (EPOCHS - len(saved)))
    kept = load_best_checkpoint(run_dir, killed.settings)
    assert kept.history == saved
    assert_equal_weights(kept.weights, killed.weights[len(saved) - 1])


def test_an_export_of_a_killed_run_has_the_saved_best_epoch(tmp_path: Path, killed: Killed) -> None:
    run_dir = killed.copies["best.npz"]
    saved = Checkpoint.load(run_dir / LAST_CHECKPOINT).history
    card = export(run_dir, killed.dataset, ModelStore(tmp_path), mantissa_bits=23)
    assert card.training is not None
    assert card.training.epochs == card.training.best_epoch == len(saved)
    assert list(pd.read_csv(tmp_path / "tiny" / HISTORY_FILE)["epoch"]) == [
        row["epoch"] for row in saved
    ]
    exported = keras.models.load_model(tmp_path / "tiny" / "model.keras", compile=False)
    assert_equal_weights(exported.get_weights(), killed.weights[len(saved) - 1])
    assert files(run_dir) == ["best.next.npz", "best.npz", "last.npz"]
