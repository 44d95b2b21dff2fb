"""Writes the table of docs/imbalance.md from docs/imbalance.csv.

    python -m training.studies.imbalance_table

`training.studies.imbalance` writes the CSV file.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import typer

from fer_core.files import atomic_write_text
from fer_core.paths import PROJECT
from training.results import with_results
from training.terminal import run

DOCUMENT: Final = PROJECT / "docs" / "imbalance.md"
RARE_CLASS: Final = "disgust"

_SCORES: Final = {"accuracy": "accuracy", "macro_f1": "macro F1", "disgust_f1": "disgust F1"}
_SPLITS: Final = {"valid": "PublicTest", "test": "PrivateTest"}


def render(rows: pd.DataFrame) -> str:
    """Returns a Markdown table: each score's mean over the seeds, with its range in parentheses.

    Args:
        rows: one per run, columns as in docs/imbalance.csv; scores between 0 and 1. Scores on the
            test split may be missing.
    """
    columns = {
        f"{split}_{score}": f"{split_title}, {score_title}"
        for split, split_title in _SPLITS.items()
        for score, score_title in _SCORES.items()
        if f"{split}_{score}" in rows
    }
    lines = [["Setting", "Seeds", *columns.values()], ["---"] * (2 + len(columns))]
    for setting, runs in rows.groupby("setting", sort=False):
        lines.append(
            [str(setting), str(len(runs)), *(_mean_and_range(runs[name]) for name in columns)]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _mean_and_range(values: pd.Series[float]) -> str:
    percent = 100 * values
    return f"{percent.mean():.1f}% ({percent.min():.1f}-{percent.max():.1f})"


def main() -> None:
    """Writes the table of docs/imbalance.md from docs/imbalance.csv."""
    table = render(pd.read_csv(DOCUMENT.with_suffix(".csv")))
    text = with_results(DOCUMENT.read_text("utf-8"), table, name="imbalance")
    atomic_write_text(DOCUMENT, text)
    typer.echo(table)


if __name__ == "__main__":
    run(main)
