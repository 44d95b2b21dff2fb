"""Options that several commands of `python -m fer_core` share."""

from __future__ import annotations

import math
from typing import Annotated

import typer


def finite(value: float | None) -> float | None:
    """Refuses `nan` and `inf`, which pass for numbers; a callback of an option."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"must be a finite number. Received: {value}")
    return value


ModelOption = Annotated[
    str | None, typer.Option(help="Name of a saved model.", show_default="the best")
]
DetectorOption = Annotated[
    str | None, typer.Option(help="yunet or haar.", show_default="yunet where it is there")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with a stopped run, and replace its output.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace what is there already.")
]
