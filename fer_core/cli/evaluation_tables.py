"""What `python -m fer_core evaluate` prints of an evaluation."""

from __future__ import annotations

from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from fer_core.benchmark import LabeledRows, PhotoEvaluation, slice_report, summarize
from fer_core.evaluation.comparison import PairwiseComparisons
from fer_core.files import shown
from fer_core.reports.html_report import leaderboard_frame, pairs_frame

_PERCENT: Final = ("difference", "low", "high")


def print_evaluation(evaluation: PhotoEvaluation) -> None:
    """Prints the scores of an evaluation, and what its reader must know."""
    photos, summary = evaluation.photos, summarize(evaluation)
    typer.echo(f"{len(photos):,} photos: {_counts(photos)}.")
    for label, count in evaluation.left_out.items():
        typer.echo(f"Left out: {count:,} photos of {label}, which a model cannot predict.")
    for note in evaluation.notes:
        typer.echo(shown(note))
    board = leaderboard_frame(summary).drop(columns="ECE")
    table = Table("Model", "All photos", "Faces found", "Detected", "Macro F1")
    for row in board.itertuples(index=False, name=None):
        table.add_row(*("–" if value is None else shown(str(value)) for value in row))
    Console(markup=False).print(table)
    if summary.comparisons is not None:
        _print_pairs(evaluation, summary.comparisons)
    for name, entry in evaluation.entries.items():
        for note in entry.notes if entry.kind == "package" else ():
            typer.echo(shown(note))
        if worst := slice_report(evaluation, name).worst:
            typer.echo(
                f"Worst slice of {shown(entry.title)}: {shown(worst.column)} {shown(worst.value)}, "
                f"{worst.accuracy.percent()} of {worst.photos:,} photos."
            )


def _print_pairs(evaluation: PhotoEvaluation, comparisons: PairwiseComparisons) -> None:
    pairs = pairs_frame(evaluation, comparisons)
    table = Table("First", "Second", "Difference in points", "p (Holm)")
    for row in pairs.to_dict("records"):
        difference, low, high = (100 * row[name] for name in _PERCENT)
        p_value = "below 0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}"
        table.add_row(
            shown(row["first"]),
            shown(row["second"]),
            f"{difference:+.1f} [{low:+.1f}, {high:+.1f}]",
            p_value,
        )
    Console(markup=False).print(table)


def _counts(photos: LabeledRows) -> str:
    names = [photos.labels[label] for label in photos.label]
    return ", ".join(f"{names.count(label):,} {label}" for label in photos.labels)
