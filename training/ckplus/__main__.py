"""Trains and cross-validates one model of emotions and action units on CK+.

    python -m training.ckplus --config training/configs/ckplus/cnn.toml --data FOLDER
    python -m training.ckplus --config training/configs/ckplus/cnn.toml --data FOLDER --resume
    python -m training.ckplus --config training/configs/ckplus/cnn.toml --data FOLDER --try-fold 1

Ten folds by subject, then the final weights, trained on all subjects. Writes the out-of-fold
predictions.npz and metrics.json into the run directory (by default runs/<name>). The printed scores
and metrics.json use one prediction per sequence.

Use --try-fold to choose settings. It trains once, on eight of the nine training parts of a fold,
and scores the ninth; the people held out by the fold are not used. A config chosen this way has not
seen the held-out people of that fold, but it has seen those of other folds, so the scores of a
later run over all folds are slightly optimistic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fer_core.errors import FerError
from fer_core.evaluation.scores import CkPlusMetrics, ckplus_metrics
from fer_core.files import atomic_write_text
from fer_core.paths import runs_directory
from fer_core.zoo import PREDICTIONS_FILE, write_ckplus_predictions
from training.ckplus.out_of_fold import predict_out_of_fold, predict_rows
from training.ckplus.run import open_run, start_run, train_inner, train_run
from training.ckplus.settings import read_settings
from training.datasets.ckplus import read_ckplus
from training.run_directory import lock_run_directory
from training.score_run import METRICS_FILE
from training.settings import SettingsError
from training.terminal import console, print_error, print_notes, run


def print_scores(metrics: CkPlusMetrics) -> None:
    """Prints one line per predictor, output and average, then one per action unit."""
    for frame in (metrics.to_frame(), metrics.by_sequence.action_units.to_frame()):
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
    resume: Annotated[bool, typer.Option(help="Resume the run from its last checkpoint.")] = False,
    try_fold: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Only try the config on the training people of this fold; the people it holds "
            "out are neither trained on nor scored. Saves no weights and no scores.",
        ),
    ] = None,
) -> None:
    """Trains and cross-validates on CK+; see the module's docstring."""
    try:
        settings = read_settings(config)
        if try_fold is not None and try_fold > settings.folds:
            raise SettingsError(f"--try-fold must be at most {settings.folds}, as in {config}.")
        run_dir = run_dir or runs_directory() / settings.model.name
        dataset = read_ckplus(data)
        print_notes(dataset.notes)
        with lock_run_directory(run_dir):
            if resume:
                opened = open_run(dataset, run_dir, config=config)
            else:
                opened = start_run(config, dataset, run_dir)
            if try_fold is not None:
                trained, rows = train_inner(opened, try_fold - 1)
                print_scores(ckplus_metrics(predict_rows(opened, trained, rows)))
                return
            train_run(opened)
        predictions = predict_out_of_fold(opened)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    metrics = ckplus_metrics(predictions)
    write_ckplus_predictions(run_dir / PREDICTIONS_FILE, predictions)
    atomic_write_text(run_dir / METRICS_FILE, metrics.model_dump_json(indent=2) + "\n")
    print_scores(metrics)


if __name__ == "__main__":
    run(main)
