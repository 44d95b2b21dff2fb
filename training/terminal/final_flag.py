"""The option `--final`, which permits a command to score the test split.

All choices are made on the validation split. The test split is scored after the choice, and each
score is recorded in docs/test-set-log.md: the more decisions are based on test scores, the less
these say about unseen faces.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from fer_core.evaluation import ClassificationMetrics
from training.terminal.console import console

TEST_SET_LOG: Final = "docs/test-set-log.md"

FinalOption = Annotated[
    bool, typer.Option("--final", help=f"Score the test split too; see {TEST_SET_LOG}.")
]


def require_final(final: bool, instead: str) -> None:
    """Raises an error without `--final`.

    Args:
        final: whether it was given.
        instead: a sentence that says what to do while choices are still open.

    Raises:
        BadParameter: it was not given.
    """
    if not final:
        raise typer.BadParameter(
            "expected: this command scores the test split, which must not be used for choices. "
            f"{instead}",
            param_hint="'--final'",
        )


def print_log_entry(what: str, split: str, scores: ClassificationMetrics) -> None:
    """Prints the row for the test set log.

    Args:
        what: what was scored: a model's name, a run, a number of bits.
        split: the test split.
        scores: its scores without test-time augmentation.
    """
    day = datetime.now(UTC).date().isoformat()
    console.print(f"Add this row to {TEST_SET_LOG} with the reason and the decision that followed:")
    console.print(
        f"| {day} | {what} | {split} | {100 * scores.accuracy.value:.1f}% | | |",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
