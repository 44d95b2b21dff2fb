"""The command line: `python -m fer_core`."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from fer_core.cli.batch import batch
from fer_core.cli.error_lines import Commands
from fer_core.cli.options import (
    AccuracyOption,
    DetectorOption,
    ModelOption,
    OverwriteOption,
    ThresholdOption,
    say_chosen,
    threshold_request,
    within,
)
from fer_core.cli.video import video
from fer_core.errors import InputRejected, ModelError
from fer_core.faces import create_detector
from fer_core.files import (
    atomic_write,
    check_outputs,
    listed,
    readable_name,
    readable_photos,
    shown,
    unwritable,
    write_csv,
)
from fer_core.imaging import read_image
from fer_core.machine import IDLE_BELOW, wait_until_idle
from fer_core.recognition import (
    FILE,
    UNCERTAIN,
    ImageAnalysis,
    Value,
    image_columns,
    load_analyzer,
    names_of,
)
from fer_core.zoo import (
    BrokenModel,
    ModelCard,
    ModelStore,
    cached_latency,
    measure_and_cache,
)
from fer_core.zoo.importing import NEEDED_FOR_A_CARD, check_model
from fer_core.zoo.onnx_export import prepare_models

OutputFormat = Literal["table", "json", "csv"]

app = typer.Typer(
    cls=Commands,
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
    app(prog_name="python -m fer_core")


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
    threshold: ThresholdOption = None,
    accuracy: AccuracyOption = None,
    output: Annotated[OutputFormat, typer.Option("--format", help="What to print.")] = "table",
) -> None:
    """Finds the faces in photos and says what each appears to express.

    A photo without faces is a normal result. A file that cannot be used is named on standard
    error with the reason, the others are analyzed all the same, and the exit code is 1.
    """
    request = threshold_request(threshold, accuracy)
    analyzer = load_analyzer(model, detector)
    uncertain_below = request.for_model(analyzer.classifier.card)
    say_chosen(uncertain_below, request)
    analyses: list[tuple[str, ImageAnalysis]] = []
    rejected = False
    for photo in photos:
        try:
            analysis = analyzer.analyze(read_image(photo)).without_crops()
            analyses.append((readable_name(str(photo)), analysis.at_threshold(uncertain_below)))
        except InputRejected as error:
            typer.echo(f"{shown(photo)}: {shown(error)}", err=True)
            rejected = True
    if output == "json":
        results = [{"file": file, **analysis.to_dict()} for file, analysis in analyses]
        typer.echo(json.dumps(results, indent=2))
    elif output == "csv":
        _print_csv(analyses)
    elif analyses:
        _print(_faces_table(analyses))
        typer.echo(f"A confidence below {uncertain_below:g} is uncertain.")
    if rejected:
        raise typer.Exit(1)


@app.command()
def models() -> None:
    """Lists the saved models by test set, and what is wrong with those that cannot be used.

    On each test set the most accurate comes first, with the 95% interval of its accuracy. On CK+ it
    is that of sequences, cross-validated by person.
    """
    store = ModelStore.default()
    listing = store.list_models()
    if listing.cards:
        cards = sorted(listing.cards, key=lambda card: -card.reported.accuracy.value)
        for test_set in sorted({_test_set(card) for card in cards}):
            _print(_models_table(test_set, [card for card in cards if _test_set(card) == test_set]))
    else:
        typer.echo(f"There is no usable model in {shown(store.folder)}.")
    _report_broken(listing.broken)


@app.command()
def report(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name of a saved model; several give a comparison.", show_default="all"),
    ] = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("report.html"),
    overwrite: OverwriteOption = False,
) -> None:
    """Writes a report of saved models: one HTML file that opens anywhere, offline too."""
    from fer_core.reports.page import render_report  # needed here only, and slow to import

    store, names = ModelStore.default(), model
    if not names:
        listing = store.list_models()
        _report_broken(listing.broken)
        names = [card.name for card in listing.cards]
        if not names:
            raise ModelError(f"There is no usable model in {store.folder}.")
    read = [file for name in names for file in store.model_folder(name).iterdir()]
    check_outputs({"--out": out}, inputs=read, overwrite=overwrite)
    page = render_report(names).encode()
    try:
        with atomic_write(out) as file:
            file.write(page)
    except OSError as error:
        raise unwritable(out, error) from error
    typer.echo(f"Wrote {shown(out)} ({len(page) / 1e6:.1f} MB).")


@app.command()
def prepare(
    wait_s: Annotated[
        float,
        typer.Option(
            "--wait", callback=within(0), help="Seconds to wait at most for an idle machine."
        ),
    ] = 20.0,
) -> None:
    """Does once what would slow the first use down: the models' fast form, speed, detector.

    Speed is measured on an idle machine. What had to be measured on a busy one is measured again
    by the next run that finds it idle.
    """
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Saved models", total=1.0)
        broken = prepare_models(
            progress=lambda part, text: progress.update(
                task, completed=part, description=shown(text)
            )
        )
        load = _measure_speed(wait_s, lambda text: progress.update(task, description=shown(text)))
    _report_broken(broken)
    if load is not None and load >= IDLE_BELOW:
        typer.echo(
            f"Other work kept {load:.0%} of the processors busy while speed was measured, so the "
            "times are too long. Run this again on an idle machine.",
            err=True,
        )
    detector = create_detector()
    typer.echo(f"Ready. Faces are found with {detector.name}.")


def _measure_speed(wait_s: float, say: Callable[[str], None]) -> float | None:
    """Measures the models without a time, and again those that were measured beside other work.

    Returns:
        The highest load while a model was measured; None when there was nothing to measure.
    """
    cards = ModelStore.default().list_models().cards
    known = {card.name: cached_latency(card) for card in cards}
    wanted = [card for card in cards if (found := known[card.name]) is None or found.is_disturbed]
    if not wanted:
        return None
    say("Speed: waiting for an idle machine")
    load = wait_until_idle(wait_s if None in known.values() else 0.0)
    loads = []
    for card in wanted:
        if known[card.name] is not None and load is not None and load >= IDLE_BELOW:
            continue  # it would be no better than what is known
        say(f"{card.title}: measuring its speed here")
        with suppress(ModelError):  # what cannot be loaded is named by the caller
            loads.append(measure_and_cache(card).load)
    return max((load for load in loads if load is not None), default=None)


@app.command("import-model")
def import_model(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
) -> None:
    """Checks a .keras file from elsewhere in a process of its own, and says what it is.

    Nothing is installed. A model that is not safe to open, or whose weights are not finite, is
    refused with the reason.
    """
    table = Table("Property", Column("Value", overflow="fold"))
    for name, value in check_model(file).to_frame().itertuples(index=False):
        table.add_row(shown(name), shown(value))
    _print(table)
    typer.echo("The model passed all checks. To list it, it still needs:")
    for need in NEEDED_FOR_A_CARD:
        typer.echo(f"- {need}")


def _test_set(card: ModelCard) -> str:
    return card.protocol.dataset + (", sequences" if card.ckplus else "")


def _models_table(test_set: str, cards: Sequence[ModelCard]) -> Table:
    # Nothing is cut off in a narrow terminal: names stay whole to be copied, all else wraps.
    columns = [
        Column(heading, overflow="fold") for heading in ("Title", "Accuracy", "Parameters", "Size")
    ]
    title = f"Test set: {shown(test_set)}"
    table = Table(Column("Name", no_wrap=True), *columns, title=title, title_justify="left")
    for card in cards:
        table.add_row(
            card.name,
            shown(card.title),
            card.reported.accuracy.percent(),
            f"{card.parameters / 1e6:.1f} M",
            f"{card.weights.size_bytes / 1e6:.1f} MB",
        )
    return table


def _print(table: Table) -> None:
    Console(markup=False).print(table)  # brackets in a file's name are no instructions


def _report_broken(broken: tuple[BrokenModel, ...]) -> None:
    for model in broken:
        typer.echo(f"{shown(model.name)}: {shown(model.message, keep_lines=True)}", err=True)


def _print_csv(analyses: list[tuple[str, ImageAnalysis]]) -> None:
    if not analyses:
        return
    text = io.StringIO(newline="")
    first = analyses[0][1]
    columns = (FILE, *image_columns(first.labels, first.action_units))
    write_csv(text, names_of(columns), _rows(analyses))
    table = text.getvalue()
    # Not through typer.echo, which takes color codes out of what goes into a file, names included.
    sys.stdout.write(shown(table, keep_lines=True) if sys.stdout.isatty() else table)


def _rows(analyses: Iterable[tuple[str, ImageAnalysis]]) -> Iterator[dict[str, Value]]:
    for file, analysis in analyses:
        for row in analysis.rows():
            yield {FILE.name: file} | row | analysis.run


def _faces_table(analyses: list[tuple[str, ImageAnalysis]]) -> Table:
    table = Table(Column("File", overflow="fold"))
    for heading in ("Face", "Apparent expression", "Confidence", "Box in pixels"):
        table.add_column(heading, no_wrap=True)
    for name, analysis in analyses:
        file = shown(name)
        if not analysis.faces:
            table.add_row(file, "-", "no face found", "", "")
        for number, face in enumerate(analysis.faces, 1):
            label = face.prediction(analysis.threshold)
            if label == UNCERTAIN:
                label = f"{UNCERTAIN} ({face.label})"
            box = " ".join(f"{value:.0f}" for value in face.xyxy)
            table.add_row(file, str(number), label, f"{face.confidence:.0%}", box)
    return table
