"""The option that lets a command score the test split.

Whatever is still to be chosen is compared on the validation split. Scores on the test split are for
what was chosen already, and each goes into docs/test-set-log.md: the more often somebody looks at
them and decides something, the less they say about unseen faces.
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
    """Refuses to go on without `--final`.

    Args:
        final: whether it was given.
        instead: what to do as long as something is still to be chosen, as a sentence.

    Raises:
        BadParameter: it was not given.
    """
    if not final:
        raise typer.BadParameter(
            "expected, because this command scores the test split, which nothing may be chosen by. "
            f"{instead}",
            param_hint="'--final'",
        )


def print_log_entry(what: str, split: str, scores: ClassificationMetrics) -> None:
    """Prints the row that the log needs for these scores.

    Args:
        what: was scored: a model's name, a run, a number of bits.
        split: the test split.
        scores: of it, plain.
    """
    day = datetime.now(UTC).date().isoformat()
    console.print(f"Add this row to {TEST_SET_LOG}, and say why and what was decided after it:")
    console.print(
        f"| {day} | {what} | {split} | {100 * scores.accuracy.value:.1f}% | | |",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
