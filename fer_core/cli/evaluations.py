"""`python -m fer_core evaluations`."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Column, Table

from fer_core.benchmark import EvaluationStore
from fer_core.files import shown


def evaluations() -> None:
    """Lists the saved evaluations, the latest first, and the errors of those that are damaged."""
    store = EvaluationStore.default()
    listing = store.list()
    table = Table(
        Column("Name", no_wrap=True), "Photos", Column("Entries", overflow="fold"), "Date"
    )
    for record in listing.records:
        entries = ", ".join(entry.title for entry in record.entries)
        date = f"{record.created.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(record.name, f"{record.photos:,}", shown(entries), date)
    if listing.records:
        Console(markup=False).print(table)  # brackets in a title are not markup
    else:
        typer.echo(f"There is no usable evaluation in {shown(store.folder)}.")
    for broken in listing.broken:
        typer.echo(f"{shown(broken.name)}: {shown(broken.message, keep_lines=True)}", err=True)
