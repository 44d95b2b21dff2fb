"""Trains and cross-validates one model of emotions and action units on CK+.

    python -m training.ckplus --config training/configs/ckplus/cnn.toml --data FOLDER
    python -m training.ckplus --config training/configs/ckplus/cnn.toml --data FOLDER --resume

Ten folds by subject, then the final weights from all subjects. Writes predictions.npz and
metrics.json, out of fold, into the run directory (runs/<name> unless --run-dir says otherwise).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fer_core.atomic import replace_text
from fer_core.errors import FerError
from fer_core.evaluation.ckplus import CkPlusMetrics
from fer_core.evaluation.ckplus_predictions import ckplus_metrics
from fer_core.evaluation.predictions import PREDICTIONS_FILE
from fer_core.evaluation.runs import runs_directory
from training.ckplus.out_of_fold import predict_out_of_fold
from training.ckplus.run import open_run, start_run, train_run
from training.ckplus.settings import read_settings
from training.console import console, print_error, print_notes, run
from training.datasets.ckplus import read_ckplus
from training.evaluate import METRICS_FILE
from training.run_lock import run_alone
from training.settings import SettingsError


def print_scores(metrics: CkPlusMetrics) -> None:
    """Prints one line per grain, output and average, then one per action unit."""
    for frame in (metrics.to_frame(), metrics.by_frame.action_units.to_frame()):
        table = Table(*frame.columns, box=None)
        for row in frame.itertuples(index=False):
            table.add_row(
                *(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row)
            )
        console.print(table)


def main(
    config: Annotated[Path, typer.Option(help="TOML file with the settings.")],
    data: Annotated[Path, typer.Option(help="Folder of CK+, cropped or the full release.")],
    run_dir: Annotated[Path | None, typer.Option(help="Default: runs/<name>.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where the run was stopped.")] = False,
    only_fold: Annotated[
        int | None, typer.Option(min=1, help="Only this fold, to try a config on it.")
    ] = None,
) -> None:
    """Trains and cross-validates on CK+; see the module's docstring."""
    try:
        settings = read_settings(config)
        if only_fold is not None and only_fold > settings.folds:
            raise SettingsError(f"--only-fold must be at most {settings.folds}, as in {config}.")
        run_dir = run_dir or runs_directory() / settings.model.name
        dataset = read_ckplus(data)
        print_notes(dataset.notes)
        folds = None if only_fold is None else range(only_fold - 1, only_fold)
        with run_alone(run_dir):
            if resume:
                opened = open_run(dataset, run_dir, config=config)
            else:
                opened = start_run(config, dataset, run_dir)
            train_run(opened, folds=folds)
        predictions = predict_out_of_fold(opened, folds=folds)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    metrics = ckplus_metrics(predictions)
    predictions.save(run_dir / PREDICTIONS_FILE)
    replace_text(run_dir / METRICS_FILE, metrics.model_dump_json(indent=2) + "\n")
    print_scores(metrics)


if __name__ == "__main__":
    run(main)
