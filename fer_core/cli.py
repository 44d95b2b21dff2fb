"""The command line: `python -m fer_core`."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from fer_core.analysis import ImageAnalysis, load_analyzer
from fer_core.batch.command import batch
from fer_core.errors import FerError, InputRejected, ModelError
from fer_core.faces import create_detector
from fer_core.file_kinds import listed, readable_photos
from fer_core.images import read_image
from fer_core.latency import known_latency, latency_here
from fer_core.model_import import check_model
from fer_core.model_import.report import NEEDED_FOR_A_CARD
from fer_core.onnx_export import prepare_models
from fer_core.options import DetectorOption, ModelOption
from fer_core.video.command import video
from fer_core.zoo import BrokenModel, list_models, models_directory

OutputFormat = Literal["table", "json", "csv"]

app = typer.Typer(
    help="Facial expression recognition: apparent expression, never what somebody feels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(batch)
app.command()(video)


def main() -> None:
    """Runs the command line. Errors that are the user's to mend end it with one line."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        app(prog_name="python -m fer_core")
    except FerError as error:
        sys.exit(str(error))


@app.command()
def analyze(
    photos: Annotated[
        list[Path],
        typer.Argument(
            metavar="PHOTO...", help=f"As {listed(readable_photos())}.", show_default=False
        ),
    ],
    model: ModelOption = None,
    detector: DetectorOption = None,
    output: Annotated[OutputFormat, typer.Option("--format", help="What to print.")] = "table",
) -> None:
    """Finds the faces in photos and says what each appears to express.

    A photo without faces is a normal result. A file that cannot be used is named on standard
    error with the reason, the others are analyzed all the same, and the exit code is 1.
    """
    analyzer = load_analyzer(model, detector)
    analyses: dict[str, ImageAnalysis] = {}
    rejected = False
    for photo in photos:
        try:
            analyses[str(photo)] = analyzer.analyze(read_image(photo)).without_crops()
        except InputRejected as error:
            typer.echo(f"{photo}: {error}", err=True)
            rejected = True
    if output == "json":
        results = [{"file": file, **analysis.to_dict()} for file, analysis in analyses.items()]
        typer.echo(json.dumps(results, indent=2))
    elif output == "csv":
        typer.echo(_csv(analyses), nl=False)
    elif analyses:
        _print(_faces_table(analyses))
    if rejected:
        raise typer.Exit(1)


@app.command()
def models() -> None:
    """Lists the saved models, best first, and what is wrong with those that cannot be used."""
    listing = list_models()
    if listing.cards:
        table = Table("Name", "Title", "Accuracy (95 % interval)", "Parameters", "Size")
        for card in listing.cards:
            table.add_row(
                card.name,
                card.title,
                card.reported.accuracy.percent(),
                f"{card.parameters / 1e6:.1f} M",
                f"{card.weights.size_bytes / 1e6:.1f} MB",
            )
        _print(table)
    else:
        typer.echo(f"There is no usable model in {models_directory()}.")
    _report_broken(listing.broken)


@app.command()
def report(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name of a saved model; several give a comparison.", show_default="all"),
    ] = None,
    out: Annotated[Path, typer.Option(dir_okay=False, help="The file to write.")] = Path(
        "report.html"
    ),
) -> None:
    """Writes a report of saved models: one HTML file that opens anywhere, offline too."""
    from fer_core.report import render_report  # needed here only, and slow to import

    names = model
    if not names:
        listing = list_models()
        _report_broken(listing.broken)
        names = [card.name for card in listing.cards]
        if not names:
            raise ModelError(f"There is no usable model in {models_directory()}.")
    page = render_report(names)
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        typer.echo(f"{out} cannot be written: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Wrote {out} ({out.stat().st_size / 1e6:.1f} MB).")


@app.command()
def prepare() -> None:
    """Does once what would slow the first use down: the models' fast form, speed, detector."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Saved models", total=1.0)
        broken = prepare_models(
            progress=lambda part, text: progress.update(task, completed=part, description=text)
        )
        for card in list_models().cards:
            progress.update(task, description=f"{card.title}: measuring its speed here")
            if known_latency(card) is None:
                with suppress(ModelError):  # what cannot be loaded is named below
                    latency_here(card)
    _report_broken(broken)
    detector = create_detector()
    typer.echo(f"Ready. Faces are found with {detector.name}.")


@app.command("import-model")
def import_model(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
) -> None:
    """Checks a .keras file from elsewhere in a process of its own, and says what it is.

    Nothing is installed. A model that is not safe to open is refused with the reason.
    """
    table = Table("Property", Column("Value", overflow="fold"))
    for name, value in check_model(file).to_frame().itertuples(index=False):
        table.add_row(name, value)
    _print(table)
    typer.echo("The model passed all checks. To list it, it still needs:")
    for need in NEEDED_FOR_A_CARD:
        typer.echo(f"- {need}")


def _print(table: Table) -> None:
    Console(markup=False).print(table)  # brackets in a file's name are no instructions


def _report_broken(broken: tuple[BrokenModel, ...]) -> None:
    for model in broken:
        typer.echo(f"{model.name}: {model.message}", err=True)


def _csv(analyses: dict[str, ImageAnalysis]) -> str:
    import pandas as pd  # needed here only, and slow to import

    if not analyses:
        return ""
    frames = [analysis.to_frame().assign(file=file) for file, analysis in analyses.items()]
    # Frames without rows only lend their columns: they have no types to agree on.
    table = pd.concat([frame for frame in frames if len(frame)] or frames[:1])
    table.insert(0, "file", table.pop("file"))
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def _faces_table(analyses: dict[str, ImageAnalysis]) -> Table:
    table = Table(Column("File", overflow="fold"))
    for heading in ("Face", "Apparent expression", "Confidence", "Box in pixels"):
        table.add_column(heading, no_wrap=True)
    for file, analysis in analyses.items():
        if not analysis.faces:
            table.add_row(file, "-", "no face found", "", "")
        for number, face in enumerate(analysis.faces, 1):
            label = f"uncertain ({face.label})" if face.is_uncertain() else face.label
            box = " ".join(f"{value:.0f}" for value in face.xyxy)
            table.add_row(file, str(number), label, f"{face.confidence:.0%}", box)
    return table
