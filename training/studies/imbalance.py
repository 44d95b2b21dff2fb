"""Compares the imbalance settings: one small network, equal budgets, at least two seeds.

    python -m training.studies.imbalance --data data/fer2013.csv --run-dir runs/imbalance
    python -m training.studies.imbalance --data data/fer2013.csv --run-dir runs/imbalance --resume
    python -m training.studies.imbalance --data data/fer2013.csv --run-dir runs/imbalance \
        --resume --final

The last command also scores the finished runs on the test split.
Each run has its own folder, and finished runs are not repeated: resume a stopped comparison with
--resume. `imbalance.csv` has a row per run, `imbalance.md` the table of means. Copy the CSV file to
docs/ to update the table there (`training.studies.imbalance_table`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any, Final

import keras
import pandas as pd
import typer

from fer_core.errors import DatasetError, FerError
from fer_core.files import atomic_write, atomic_write_text
from fer_core.preprocessing import preprocess_batch
from training.artifacts import REPORT_SPLIT, SELECTION_SPLIT, HeldOutSplit
from training.datasets import FaceDataset, read_dataset
from training.input_pipeline import require_imbalanced_learn
from training.run_directory import (
    CONFIG_FILE,
    CONFIGS,
    LAST_CHECKPOINT,
    CheckpointError,
    best_epoch,
    load_best_classifier,
    lock_run_directory,
    write_environment,
)
from training.settings import ImbalanceSettings, TrainingSettings, read_settings
from training.studies.imbalance_table import RARE_CLASS, render
from training.terminal import TEST_SET_LOG, FinalOption, console, print_error, print_notes, run
from training.train import train

BASE_CONFIG: Final = CONFIGS / "imbalance.toml"
TABLE_FILE: Final = "imbalance.csv"
MARKDOWN_FILE: Final = "imbalance.md"

COMPARED: Final = {
    "none": ImbalanceSettings(),
    "class weights, square root": ImbalanceSettings(class_weights="sqrt"),
    "class weights, balanced": ImbalanceSettings(class_weights="balanced"),
    "class-balanced sampler": ImbalanceSettings(resampling="balanced_sampler"),
    "random oversampling": ImbalanceSettings(resampling="oversample"),
    "random undersampling": ImbalanceSettings(resampling="undersample"),
    "SMOTE": ImbalanceSettings(resampling="smote"),
    "SMOTE-ENN": ImbalanceSettings(resampling="smote_enn"),
    "focal loss, gamma 2": ImbalanceSettings(focal_gamma=2.0),
}


def compare(
    base: TrainingSettings, dataset: FaceDataset, folder: Path, *, seeds: int, final: bool = False
) -> pd.DataFrame:
    """Runs the trainings that `folder` does not have yet, seed by seed.

    Args:
        base: settings of every run, except for seed and imbalance.
        dataset: with one label per face and all three splits.
        folder: folder for the runs and the table.
        seeds: number of seeds, which are 1, 2 and so on.
        final: score the test split too.

    Returns:
        One row per run, in the order of training; columns as in `imbalance.csv`.

    Raises:
        FerError: the data cannot be used for this.
    """
    if RARE_CLASS not in dataset.label_names:
        raise DatasetError(f"{dataset.name} has no class {RARE_CLASS!r}, which is compared.")
    table = folder / TABLE_FILE
    finished = pd.read_csv(table).to_dict("records") if table.exists() else []
    rows: list[dict[str, Any]] = [{str(name): row[name] for name in row} for row in finished]
    for seed in range(1, seeds + 1):
        for name, imbalance in COMPARED.items():
            at = next((i for i, row in enumerate(rows) if _is_of(row, name, seed)), len(rows))
            if rows[at:] and (not final or not pd.isna(rows[at].get(f"{REPORT_SPLIT}_accuracy"))):
                continue
            console.rule(f"{name}, seed {seed}")
            settings = base.model_copy(update={"seed": seed, "imbalance": imbalance})
            run_dir = folder / f"{name.replace(',', '').replace(' ', '_')}_seed_{seed}"
            row = {"setting": name, "seed": seed, **_run(settings, dataset, run_dir, final)}
            rows[at : at + 1] = [row]
            _write(pd.DataFrame(rows), table)
    return pd.DataFrame(rows)


def _is_of(row: dict[str, Any], name: str, seed: int) -> bool:
    return bool(row["setting"] == name and row["seed"] == seed)


def _run(
    settings: TrainingSettings, dataset: FaceDataset, run_dir: Path, final: bool
) -> dict[str, float]:
    keras.utils.clear_session()
    resume = (run_dir / LAST_CHECKPOINT).exists()
    history = train(settings, dataset, run_dir, resume=resume)
    model = load_best_classifier(settings, run_dir, dataset)
    best = best_epoch(settings, history)
    row = {
        "best_epoch": 0 if best is None else best + 1,
        "seconds": round(sum(epoch["seconds"] for epoch in history), 1),
    }
    row |= _scores(model, settings, dataset, SELECTION_SPLIT)
    return row | _scores(model, settings, dataset, REPORT_SPLIT) if final else row


def _scores(
    model: keras.Model, settings: TrainingSettings, dataset: FaceDataset, split: HeldOutSplit
) -> dict[str, float]:
    from sklearn.metrics import accuracy_score, f1_score

    faces = dataset.subset(split)
    inputs = preprocess_batch(faces.images, settings.preprocessing.to_config(settings.image_size))
    predicted = model.predict(inputs, batch_size=256, verbose=0).argmax(axis=1)
    f1 = f1_score(
        faces.labels, predicted, labels=range(len(faces.label_names)), average=None, zero_division=0
    )
    values = {
        "accuracy": accuracy_score(faces.labels, predicted),
        "macro_f1": f1.mean(),
        f"{RARE_CLASS}_f1": f1[faces.label_names.index(RARE_CLASS)],
    }
    return {f"{split}_{name}": round(float(value), 4) for name, value in values.items()}


def _write(frame: pd.DataFrame, path: Path) -> None:
    with atomic_write(path) as file:
        frame.to_csv(file, index=False)


def _prepare(folder: Path, config: Path, *, resume: bool) -> None:
    kept = folder / CONFIG_FILE
    if kept.exists() and kept.read_bytes() != config.read_bytes():
        raise CheckpointError(f"{folder} was started with a config that differs from {config}.")
    if kept.exists() and not resume:
        raise CheckpointError(
            f"{folder} already holds a comparison. Pass --resume to continue, or another --run-dir."
        )
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(config, kept)
        write_environment(folder)


def main(
    data: Annotated[Path, typer.Option(help="FER2013 CSV, or a folder of faces by class.")],
    run_dir: Annotated[Path, typer.Option(help="Folder for the runs and the table.")],
    config: Annotated[Path, typer.Option(help="TOML file with the settings.")] = BASE_CONFIG,
    seeds: Annotated[int, typer.Option(min=2, help="Number of runs of each setting.")] = 2,
    resume: Annotated[bool, typer.Option(help="Resume the comparison.")] = False,
    final: FinalOption = False,
) -> None:
    """Compares the imbalance settings; see the module's docstring."""
    try:
        require_imbalanced_learn()
        base = read_settings(config)
        with lock_run_directory(run_dir):
            _prepare(run_dir, config, resume=resume)
            dataset = read_dataset(data)
            print_notes(dataset.notes)
            rows = compare(base, dataset, run_dir, seeds=seeds, final=final)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    table = render(rows)
    atomic_write_text(run_dir / MARKDOWN_FILE, table + "\n")
    typer.echo(table)
    if final:
        typer.echo(f"These are scores on the test split: record them in {TEST_SET_LOG}.")


if __name__ == "__main__":
    run(main)
