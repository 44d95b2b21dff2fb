"""`python -m fer_core import-predictions`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fer_core.benchmark import (
    EvaluationStore,
    PhotoEvaluation,
    side_by_side,
    split_evaluation,
    split_rows,
)
from fer_core.benchmark.importing import MAX_BYTES, TableFile
from fer_core.benchmark.importing import import_predictions as read_predictions
from fer_core.cli.options import OverwriteOption
from fer_core.errors import ClassesNotConfirmed, PredictionsRejected
from fer_core.evaluation.comparison import compare_correctness, holm
from fer_core.evaluation.scores import wilson
from fer_core.files import shown
from fer_core.labels import split_title
from fer_core.zoo import ModelStore


def import_predictions(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV, Parquet or NPZ: an id, a label, a probability per class.",
            show_default=False,
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the new evaluation: lowercase letters, digits, _ and -.",
            show_default="the file's name",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="The ids are rows of this split, e.g. fer2013_private_test or ferplus_test.",
            show_default=False,
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Instead: a table with id, label and columns for slices.", show_default=False
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Display name.", show_default="the name")
    ] = None,
    accept_classes: Annotated[
        bool,
        typer.Option(
            "--accept-classes",
            help="Confirm how the classes are read, after the command has shown it.",
        ),
    ] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Saves predictions from elsewhere as an evaluation, to compare them with the saved models.

    Nothing but ids, labels and probabilities is needed, neither the model nor the photos. A photo
    without a prediction counts as an error.
    """
    if split and labels:
        raise typer.BadParameter("cannot be combined with --split.", param_hint="--labels")
    store, models = EvaluationStore.default(), ModelStore.default()
    truth = _read(labels) if labels else split_rows(models, split) if split else None
    try:
        evaluation = read_predictions(
            _read(file),
            name=name or _name_of(file),
            title=title,
            truth=truth,
            accept_classes=accept_classes,
        )
    except ClassesNotConfirmed as error:
        table = Table("In the file", "Read as", *(["Seems to be"] if error.seems else []))
        for received, label in error.read_as.items():
            table.add_row(shown(received), label, *filter(None, [error.seems.get(received)]))
        Console(markup=False).print(table)
        typer.echo(f"{shown(error)} If it is read correctly, add --accept-classes.", err=True)
        raise typer.Exit(1) from error
    folder = store.save(evaluation, overwrite=overwrite)
    _describe(evaluation)
    if split:
        _compare(evaluation, models, split)
    typer.echo(f"Saved as {evaluation.name} in {shown(folder)}.")


def _read(path: Path) -> TableFile:
    if path.is_file() and (size := path.stat().st_size) > MAX_BYTES:
        raise PredictionsRejected(
            f"{shown(path)} is too large. Expected at most {MAX_BYTES // 2**20} MB. "
            f"Received: {size / 2**20:.0f} MB"
        )
    return TableFile(path.name, path.read_bytes())


def _name_of(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")[:64] or "predictions"


def _describe(evaluation: PhotoEvaluation) -> None:
    photos, (entry,) = evaluation.photos, evaluation.entries.values()
    about = f" of {split_title(photos.split)}" if photos.split else ""
    typer.echo(
        f"{shown(entry.title)}: {len(entry.row):,} predictions for {len(photos):,} photos{about}."
    )
    if missing := len(photos) - len(entry.row):
        typer.echo(f"{missing:,} photos have no prediction and count as errors.")
    for label, count in evaluation.left_out.items():
        typer.echo(f"{count:,} photos of {label} are left out: the file has no such class.")
    accuracy = wilson(int(evaluation.is_correct(entry.name).sum()), len(photos))
    typer.echo(f"Accuracy: {accuracy.percent()}")


def _compare(evaluation: PhotoEvaluation, models: ModelStore, split: str) -> None:
    """Prints the saved models on the same rows, and how far they differ."""
    together = side_by_side(evaluation, split_evaluation(models, split))
    own, *others = (together.is_correct(name) for name in together.entries)
    titles = [entry.title for entry in together.entries.values()][1:]
    compared = [compare_correctness(own, other, pairs=len(others)) for other in others]
    p_values = holm([each.p_value for each in compared])
    table = Table("Saved model", "Accuracy", "Difference in points", "p")
    rows = zip(titles, compared, p_values.tolist(), strict=True)
    for title, each, p_value in sorted(rows, key=lambda row: -row[1].accuracy_second):
        difference, low, high = (100 * x for x in (each.difference, each.low, each.high))
        table.add_row(
            shown(title),
            f"{each.accuracy_second:.1%}",
            f"{difference:+.1f} [{low:+.1f}, {high:+.1f}]",
            "below 0.001" if p_value < 0.001 else f"{p_value:.3f}",
        )
    typer.echo(f"Compared with the saved models on the same {len(together.photos):,} photos:")
    Console(markup=False).print(table)
    typer.echo("Intervals and p (McNemar) are corrected for the number of models.")
