from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.paths import runs_directory
from fer_core.training_logs.history import History
from fer_core.training_logs.runs import (
    TrainingRun,
    best_epochs_frame,
    group_seeds,
    read_run,
    run_directories,
    saved_run,
    unique_titles,
)
from fer_core.zoo.store import ModelStore

HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"
CONFIG = """seed = {seed}
[model]
name = "{name}"
architecture = "cnn"
[schedule]
epochs = {epochs}
small_image_epochs = 1
"""
NOW_S = 1_800_000_000.0


def write_run(
    root: Path, name: str, *, rows: int = 2, seed: int = 1, epochs: int = 4, age_s: float = 10.0
) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    config = CONFIG.format(seed=seed, name=folder.name, epochs=epochs)
    (folder / "config.toml").write_text(config)
    newest = folder / "config.toml"
    if rows:
        newest = folder / "history.csv"
        lines = [f"{row},1,0.5,1,{0.9 / row},0.01,30" for row in range(1, rows + 1)]
        newest.write_text("\n".join([HEADER, *lines]) + "\n")
    os.utime(newest, (NOW_S - age_s, NOW_S - age_s))
    return folder


def test_runs_are_found_in_folders_of_folders(tmp_path: Path) -> None:
    for name in ("b", "campaign/a", "campaign/night/c"):
        write_run(tmp_path, name)
    (tmp_path / "empty").mkdir()
    assert [each.name for each in run_directories(tmp_path)] == [
        "b",
        "campaign/a",
        "campaign/night/c",
    ]
    assert run_directories(tmp_path / "missing") == ()


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_RUNS_DIR", str(tmp_path))
    write_run(tmp_path, "a")
    assert runs_directory() == tmp_path
    assert [each.name for each in run_directories()] == ["a"]
    monkeypatch.delenv("FER_RUNS_DIR")
    assert runs_directory().name == "runs"


def test_a_run_is_read_with_its_settings(tmp_path: Path) -> None:
    write_run(tmp_path, "a", rows=3)
    run = read_run(run_directories(tmp_path)[0])
    assert (run.name, len(run.history)) == ("runs/a", 3)
    assert run.best_epoch == 2  # the first was on smaller faces
    assert not run.is_complete


@pytest.mark.parametrize(("file", "text"), [("config.toml", "seed = "), ("history.csv", "epoch\n")])
def test_a_damaged_file_is_named(tmp_path: Path, file: str, text: str) -> None:
    (write_run(tmp_path, "a") / file).write_text(text)
    with pytest.raises(ModelError, match=file):
        read_run(run_directories(tmp_path)[0])


@pytest.mark.parametrize(
    ("rows", "age_s", "is_written"),
    [(2, 100, True), (2, 130, False), (4, 10, False), (0, 600, True), (0, 3600, False)],
    ids=["training", "given up", "complete", "first epoch", "never began"],
)
def test_whether_somebody_still_trains(
    tmp_path: Path, rows: int, age_s: float, is_written: bool
) -> None:
    write_run(tmp_path, "a", rows=rows, age_s=age_s)
    (directory,) = run_directories(tmp_path)
    assert directory.has_epochs == (rows > 0)
    run = read_run(directory) if rows else None
    assert directory.is_written(NOW_S, run) is is_written


def test_patience_grows_with_the_epochs(tmp_path: Path) -> None:
    folder = write_run(tmp_path, "a")
    history = folder / "history.csv"
    history.write_text(f"{HEADER}\n1,1,0.5,1,0.5,0.01,400\n")
    os.utime(history, (NOW_S - 1000, NOW_S - 1000))
    (directory,) = run_directories(tmp_path)
    assert directory.is_written(NOW_S, read_run(directory))
    assert not directory.is_written(NOW_S + 300, read_run(directory))


def test_seeds_of_one_config_belong_together(tmp_path: Path) -> None:
    for name, seed, epochs in (("a", 1, 4), ("b", 2, 4), ("c", 1, 5)):
        write_run(tmp_path, name, seed=seed, epochs=epochs)
    runs = [read_run(directory) for directory in run_directories(tmp_path)]
    unknown = TrainingRun("log/x", "x", runs[0].history)
    groups = group_seeds([*runs, unknown, TrainingRun("log/y", "y", runs[0].history)])
    names = [[run.name for run in group] for group in groups]
    assert names == [["runs/a", "runs/b"], ["runs/c"], ["log/x"], ["log/y"]]


def test_a_saved_model_has_its_run(models_dir: Path) -> None:
    card = ModelStore.default().load_scored_card("tiny_a")
    run = saved_run(card)
    assert card.training is not None
    assert (run.name, run.title, run.recipe) == ("tiny_a", card.title, card.training.recipe)


def test_equal_titles_are_made_unique() -> None:
    history = _history([0.5])
    runs = [
        TrainingRun("a", "CNN", history),
        TrainingRun("b", "CNN", history),
        TrainingRun("c", "VGG", history),
    ]
    assert list(unique_titles(runs)) == ["CNN (a)", "CNN (b)", "VGG"]


def test_the_table_holds_what_was_reached_at_the_best_epoch() -> None:
    runs = {
        "a": TrainingRun("a", "a", _history([0.5, 0.8, 0.7])),
        "unmeasured": TrainingRun("b", "b", _history([np.nan, np.nan])),
    }
    table = best_epochs_frame(runs).set_index("run")
    assert table.loc["a", "best_epoch"] == 2
    assert table.loc["a", "val_accuracy"] == 0.8
    assert table.loc["a", "overfit_gap"] == pytest.approx(1.0 - 0.8)
    assert table.loc["a", "seconds"] == 3
    assert table["best_epoch"].isna().tolist() == [False, True]


def _history(val_accuracy: list[float]) -> History:
    ones = np.ones(len(val_accuracy))
    epochs = np.arange(1, len(val_accuracy) + 1)
    return History(epochs, ones, ones, ones, np.array(val_accuracy), ones, ones)
