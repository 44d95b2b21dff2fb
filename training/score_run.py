"""Scores the best epoch of a run on the validation split, and with --final on the test split too.

    python -m training.score_run --run runs/cnn --data fer2013.csv
    python -m training.score_run --run runs/cnn --data fer2013.csv --final

Writes predictions.npz and metrics.json into the run directory and prints the scores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fer_core.errors import FerError
from fer_core.evaluation import ClassificationMetrics, EvaluationProtocol
from fer_core.files import atomic_write_text, check_outputs
from fer_core.zoo import PREDICTIONS_FILE, summarize, write_predictions
from training.artifacts import predict_split, split_name, splits_to_score
from training.datasets import read_dataset
from training.run_directory import load_best
from training.terminal import FinalOption, console, print_error, print_log_entry, print_notes
from training.terminal import run as run_command

METRICS_FILE = "metrics.json"

Metrics = dict[str, dict[EvaluationProtocol, ClassificationMetrics]]
"""Scores by split, then by evaluation protocol."""


def print_scores(metrics: Metrics) -> None:
    """Prints one line per split and protocol."""
    table = Table("split", "protocol", "accuracy (95% CI)", "macro F1 (95% CI)", box=None)
    for split, protocols in metrics.items():
        for protocol, scores in protocols.items():
            table.add_row(split, protocol, scores.accuracy.percent(), scores.macro_f1.percent())
    console.print(table)


def main(
    run: Annotated[Path, typer.Option(help="Run directory of training.train.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes.")] = None,
    final: FinalOption = False,
) -> None:
    """Scores the best epoch of a run; see the module's docstring."""
    try:
        dataset = read_dataset(data, ferplus)
        print_notes(dataset.notes)
        settings, model = load_best(run, dataset)
        check_outputs({"--run": run / PREDICTIONS_FILE}, overwrite=True)
        config = settings.preprocessing.to_config(settings.image_size)
        splits = splits_to_score(final)
        predictions = [predict_split(model, dataset, split, config) for split in splits]
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    selection, report = (split_name(dataset, split) for split in (splits[0], splits[-1]))
    summary = summarize(predictions, selection, report)
    write_predictions(run / PREDICTIONS_FILE, predictions)
    atomic_write_text(run / METRICS_FILE, summary.model_dump_json(indent=2) + "\n")
    print_scores(summary.metrics)
    if final:
        print_log_entry(f"run {run.name}", report, summary.metrics[report]["plain"])


if __name__ == "__main__":
    run_command(main)
