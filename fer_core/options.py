"""Options that several commands of `python -m fer_core` share."""

from __future__ import annotations

from typing import Annotated

import typer

ModelOption = Annotated[
    str | None, typer.Option(help="Name of a saved model.", show_default="the best")
]
DetectorOption = Annotated[
    str | None, typer.Option(help="yunet or haar.", show_default="yunet where it is there")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")]
