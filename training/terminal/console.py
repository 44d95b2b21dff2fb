"""The terminal that the training commands write to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from fer_core.cli import errors_as_lines
from fer_core.errors import FerError
from fer_core.files import shown

console: Final = Console()


def print_error(error: FerError) -> None:
    """Prints an error without line wrapping, so that paths can be copied, and without markup."""
    console.print(Text.assemble(("Error: ", "red"), shown(error, keep_lines=True)), soft_wrap=True)


def run(command: Callable[..., None]) -> None:
    """Runs a command; file errors are printed as one line instead of a traceback."""
    with errors_as_lines():
        typer.run(command)


def print_notes(notes: Sequence[str]) -> None:
    """Prints the notes of a dataset's reader."""
    for note in notes:
        console.print(Text(f"Note: {shown(note, keep_lines=True)}"), soft_wrap=True)
