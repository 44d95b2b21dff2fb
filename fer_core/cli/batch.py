"""`python -m fer_core batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from fer_core.batch import LONGEST_TIMEOUT_S, TIMEOUT_S, BatchSummary, EngineName, analyze_folder
from fer_core.cli.options import (
    AccuracyOption,
    DetectorOption,
    GuaranteedOption,
    OverwriteOption,
    PhotoModelOption,
    ResumeOption,
    ThresholdOption,
    say_chosen,
    threshold_request,
    within,
)
from fer_core.files import listed, readable_photos, shown


def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help=f"A folder of photos: {listed(readable_photos())}.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="The output table: .parquet, .csv, .json or .jsonl.", show_default=False),
    ],
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Number of worker processes.", show_default="one per core"),
    ] = None,
    engine: Annotated[
        EngineName,
        typer.Option(
            help="local: worker processes on this machine; ray: a Ray cluster (docs/scaling.md)."
        ),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(
            help="Address of a running Ray cluster.", show_default="start one on this machine"
        ),
    ] = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
    model: PhotoModelOption = None,
    detector: DetectorOption = None,
    threshold: ThresholdOption = None,
    accuracy: AccuracyOption = None,
    guaranteed: GuaranteedOption = False,
    timeout: Annotated[
        float,
        typer.Option(
            callback=within(0.1, LONGEST_TIMEOUT_S), help="Timeout for one photo in seconds."
        ),
    ] = TIMEOUT_S,
) -> None:
    """Analyzes all photos in a folder and its subfolders: a table with one row per face.

    With --engine ray, SOURCE may also be a URI such as s3://bucket/photos, or a Parquet table with
    the columns path and bytes.

    Photos are recognized by their first bytes, not by name; other files are counted as skipped. A
    photo without a face gets one row with the status `no face`; a file that cannot be analyzed gets
    one row with the reason. A folder without photos is an error, and so is one in which no photo
    can be analyzed. An interrupted run continues with --resume. An existing table is replaced only
    with --overwrite.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    request = threshold_request(threshold, accuracy, guaranteed=guaranteed)
    console = Console(stderr=True)
    try:
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            task = progress.add_task("Photos", total=None)
            summary = analyze_folder(
                source,
                out,
                model=model,
                detector=detector,
                engine=engine,
                address=address,
                workers=workers,
                resume=resume,
                overwrite=overwrite,
                threshold=request,
                timeout_s=timeout,
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
    except KeyboardInterrupt:
        typer.echo("Stopped. Completed work is saved; continue with --resume.", err=True)
        raise typer.Exit(130) from None
    say_chosen(summary.threshold, request)
    _print_summary(summary, out)
    if summary.failed == summary.files:
        typer.echo("No photo could be analyzed; the table has the reasons.", err=True)
        raise typer.Exit(1)


def _print_summary(summary: BatchSummary, out: Path) -> None:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Photos", str(summary.files))
    table.add_row("Faces", str(summary.faces))
    for label, count in summary.expressions.items():
        table.add_row(f"  {label}", f"{count} ({count / summary.faces:.0%})")
    table.add_row("Threshold", f"{summary.threshold:g}")
    table.add_row("Photos without a face", str(summary.without_face))
    table.add_row("Failed", str(summary.failed))
    for reason, count in summary.failures.items():
        table.add_row(f"  {reason}", str(count))
    if summary.skipped:
        table.add_row("Skipped", str(sum(one.count for one in summary.skipped)))
        for one in summary.skipped:
            table.add_row(f"  {one.reason}", str(one.count))
    if summary.scored:
        speed = f"{summary.photos_per_second:.1f}"
        table.add_row("Photos per second", f"{speed} ({summary.scored} in {summary.seconds:.1f} s)")
    Console(markup=False).print(table)
    if summary.skipped:
        typer.echo(f"Skipped: {'; '.join(shown(each) for each in summary.skipped)}.")
    typer.echo(f"Written to {shown(out)}")
