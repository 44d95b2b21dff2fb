"""A CK+ run directory: ten folds one after the other, then the weights trained on all subjects.

config.toml, environment.json
pretrained.json      the saved model that training starts from, and its checksum
folds.csv            the fold that holds out each frame, and a checksum of its face and labels
folds/fold_00.npz    the weights of each fold
checkpoints/best.npz the weights trained on all subjects
history.csv          one row per epoch, means over the folds
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.files import shown
from fer_core.preprocessing import PreprocessingConfig
from fer_core.zoo import ModelStore
from training.ckplus.fit import fit
from training.ckplus.folds import inner_rows, subject_folds
from training.ckplus.model import build_two_heads
from training.ckplus.settings import CkPlusSettings, read_settings
from training.datasets.ckplus import CkPlusDataset
from training.run_directory import (
    BEST_CHECKPOINT,
    CONFIG_FILE,
    HISTORY_FILE,
    PRETRAINED_FILE,
    Checkpoint,
    CheckpointError,
    write_environment,
)
from training.terminal import console

FOLDS_FILE: Final = "folds.csv"
FOLDS_FOLDER: Final = "folds"


@dataclass(frozen=True, eq=False)
class CkPlusRun:
    """An opened run directory.

    Attributes:
        folder: the directory.
        settings: from its config.
        model: the network with the initial weights of every fold.
        preprocessing: the model's preprocessing.
        dataset: all of CK+.
        fold: `(n,)` int64, the fold that holds each row out.
    """

    folder: Path
    settings: CkPlusSettings
    model: keras.Model
    preprocessing: PreprocessingConfig
    dataset: CkPlusDataset
    fold: NDArray[np.int64]

    def fold_file(self, fold: int) -> Path:
        """The file with the weights of a fold."""
        return self.folder / FOLDS_FOLDER / f"fold_{fold:02d}.npz"

    def histories(self) -> list[pd.DataFrame]:
        """One table of epochs per fold.

        Raises:
            CheckpointError: a fold is not finished.
        """
        files = [self.fold_file(fold) for fold in range(self.settings.folds)]
        return [pd.DataFrame(Checkpoint.load(file).history) for file in files]


def start_run(config: Path, dataset: CkPlusDataset, folder: Path) -> CkPlusRun:
    """Creates a new run directory.

    Raises:
        CheckpointError: the folder already holds a run, or weights of another one.
        SettingsError: the config cannot be read.
        ModelError: the pretrained model cannot be used.
        DatasetError: there are fewer subjects than folds.
    """
    if (folder / FOLDS_FILE).exists():
        raise CheckpointError(
            f"{folder} already holds a run. Pass --resume to resume it, or another --run-dir."
        )
    for left in (FOLDS_FOLDER, BEST_CHECKPOINT):  # `train_run` would mistake them for its own
        if (folder / left).exists():
            raise CheckpointError(
                f"{shown(folder / left)} belongs to another run. Pass another --run-dir."
            )
    settings = read_settings(config)
    fold = subject_folds(dataset, folds=settings.folds, seed=settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(config, folder / CONFIG_FILE)
    write_environment(folder)
    pretrained = json.dumps(_pretrained(settings), indent=2) + "\n"
    (folder / PRETRAINED_FILE).write_text(pretrained, encoding="utf-8")
    _table(dataset, fold).to_csv(folder / FOLDS_FILE, index=False)
    return open_run(dataset, folder)


def open_run(dataset: CkPlusDataset, folder: Path, *, config: Path | None = None) -> CkPlusRun:
    """Opens a run directory, however far the run is.

    Args:
        dataset: the dataset the run was started with.
        folder: the directory.
        config: if given, must be the config the run was started with.

    Raises:
        CheckpointError: the folder holds no run, or one with another config, dataset or pretrained
            model.
        SettingsError: the config cannot be read.
        ModelError: the pretrained model cannot be used.
    """
    kept = folder / CONFIG_FILE
    if not (folder / FOLDS_FILE).exists():
        raise CheckpointError(f"{folder} holds no CK+ run to resume.")
    if config is not None and kept.read_bytes() != config.read_bytes():
        raise CheckpointError(f"{folder} was not started with {config}: its {CONFIG_FILE} differs.")
    settings = read_settings(kept)
    if json.loads((folder / PRETRAINED_FILE).read_text("utf-8")) != _pretrained(settings):
        raise CheckpointError(
            f"{folder} was started with another file of model {settings.model.pretrained!r}. "
            "Start a new run directory."
        )
    fold = subject_folds(dataset, folds=settings.folds, seed=settings.seed)
    if not pd.read_csv(folder / FOLDS_FILE).equals(_table(dataset, fold)):
        raise CheckpointError(
            f"{folder} was started with different data: its {FOLDS_FILE} has other frames, faces, "
            "labels or folds."
        )
    keras.utils.set_random_seed(settings.seed)
    model = build_two_heads(settings.model)
    preprocessing = ModelStore.default().load_scored_card(settings.model.pretrained).preprocessing
    return CkPlusRun(folder, settings, model, preprocessing, dataset, fold)


def train_run(run: CkPlusRun) -> None:
    """Trains the folds that are missing, then the final weights, and writes history.csv.

    A killed run repeats at most the fold it was killed in.
    """
    settings = run.settings
    for number in range(settings.folds):
        file = run.fold_file(number)
        if not file.exists():
            learned, held_out = run.fold != number, run.fold == number
            trained = _fit(run, np.flatnonzero(learned), np.flatnonzero(held_out), number)
            trained.save(file)
            _print_last_epoch(f"fold {number + 1}/{settings.folds}", trained)
    final = run.folder / BEST_CHECKPOINT
    if not final.exists():
        console.print("final weights, trained on all subjects", highlight=False)
        _fit(run, np.arange(len(run.dataset)), None, settings.folds).save(final)
    history = pd.concat(run.histories()).groupby("epoch", as_index=False).mean()
    history.astype({"epoch": int}).to_csv(run.folder / HISTORY_FILE, index=False)


def train_inner(run: CkPlusRun, number: int) -> tuple[Checkpoint, NDArray[np.int64]]:
    """Trains on a part of one fold's training people, to try a config; writes nothing.

    Args:
        run: the opened directory.
        number: 0-based index of the fold; its held-out people are neither trained on nor scored.

    Returns:
        The last epoch's weights, and the positions of the validation frames.

    Raises:
        DatasetError: there are fewer than three folds.
    """
    learned, validation = inner_rows(run.fold, number)
    trained = _fit(run, learned, validation, number)
    _print_last_epoch(f"inside fold {number + 1}", trained)
    return trained, validation


def _print_last_epoch(what: str, trained: Checkpoint) -> None:
    last = trained.history[-1]
    console.print(
        f"{what}  loss {last['loss']:.4f}  "
        f"accuracy {last['accuracy']:.4f}  val_accuracy {last['val_accuracy']:.4f}  "
        f"{sum(row['seconds'] for row in trained.history):.0f} s",
        highlight=False,
    )


def _fit(
    run: CkPlusRun, learned: NDArray[np.int64], held_out: NDArray[np.int64] | None, number: int
) -> Checkpoint:
    if held_out is not None:
        shared = np.intersect1d(run.dataset.subject[learned], run.dataset.subject[held_out])
        assert len(shared) == 0, f"learned from and held out: {', '.join(shared)}"
    return fit(
        run.settings,
        run.model,
        run.preprocessing,
        run.dataset,
        learned=learned,
        held_out=held_out,
        seed=1000 * run.settings.seed + number,
    )


def _pretrained(settings: CkPlusSettings) -> dict[str, str]:
    card = ModelStore.default().load_scored_card(settings.model.pretrained)
    return {"name": card.name, "sha256": card.weights.sha256}


def _table(dataset: CkPlusDataset, fold: NDArray[np.int64]) -> pd.DataFrame:
    learned = zip(dataset.images, dataset.label, dataset.action_units, strict=True)
    columns = {
        "frame": dataset.frame,
        "subject": dataset.subject,
        "fold": fold,
        "content": [
            hashlib.sha256(b"".join(part.tobytes() for part in row)).hexdigest() for row in learned
        ],
    }
    return pd.DataFrame(columns).astype(
        {"frame": str, "subject": str, "fold": "int64", "content": str}
    )
