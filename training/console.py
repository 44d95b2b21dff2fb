"""The terminal that the training commands write to."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

from fer_core.errors import FerError

console: Final = Console()


def print_error(error: FerError) -> None:
    """Prints an error as it is: lines unbroken, so that paths can be copied, and no markup."""
    console.print(Text.assemble(("Error: ", "red"), str(error)), soft_wrap=True)
