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
from fer_core.cli.evaluate import evaluate
from fer_core.cli.evaluations import evaluations
from fer_core.cli.import_model import import_model
from fer_core.cli.import_predictions import import_predictions
from fer_core.cli.options import (
    AccuracyOption,
    DetectorOption,
    GuaranteedOption,
    OverwriteOption,
    PhotoModelOption,
    ThresholdOption,
    say_chosen,
    threshold_request,
    within,
)
from fer_core.cli.video import video
from fer_core.errors import InputRejected, ModelError
from fer_core.faces import create_detector
from fer_core.files import (
    check_outputs,
    exclusive_output,
    listed,
    readable_name,
    readable_photos,
    shown,
    write_csv,
    writing,
)
from fer_core.imaging import read_image
from fer_core.machine import IDLE_BELOW, wait_until_idle
from fer_core.recognition import (
    FILE,
    UNCERTAIN,
    ImageAnalysis,
    Value,
    image_columns,
    load_analyzer_for_photos,
    names_of,
)
from fer_core.zoo import (
    BrokenModel,
    ImportedCard,
    ModelCard,
    ModelStore,
    cached_latency,
    measure_and_cache,
    prepare_models,
)

OutputFormat = Literal["table", "json", "csv"]

app = typer.Typer(
    cls=Commands,
    help="Facial expression recognition: the apparent expression, not what a person feels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(batch)
app.command()(video)
app.command()(evaluate)
app.command("import-predictions")(import_predictions)
app.command()(evaluations)
app.command("import-model")(import_model)


def main() -> None:
    """Runs the command line. Errors that the user can fix are reported as one line."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    app(prog_name="python -m fer_core")


@app.command()
def analyze(
    photos: Annotated[
        list[Path],
        typer.Argument(
            metavar="PHOTO...",
            help=f"Photo files: {listed(readable_photos())}.",
            show_default=False,
        ),
    ],
    model: PhotoModelOption = None,
    detector: DetectorOption = None,
    threshold: ThresholdOption = None,
    accuracy: AccuracyOption = None,
    guaranteed: GuaranteedOption = False,
    output: Annotated[OutputFormat, typer.Option("--format", help="Output format.")] = "table",
) -> None:
    """Finds the faces in photos and predicts the apparent expression of each.

    A photo without faces is a normal result. A file that cannot be read is reported on standard
    error with the reason, the other files are still analyzed, and the exit code is 1.
    """
    request = threshold_request(threshold, accuracy, guaranteed=guaranteed)
    analyzer = load_analyzer_for_photos(model, detector)
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
        typer.echo(f"Predictions with a confidence below {uncertain_below:g} are uncertain.")
    if rejected:
        raise typer.Exit(1)


@app.command()
def models() -> None:
    """Lists the saved models by test set, and the errors of those that cannot be loaded.

    Models are sorted by test accuracy, shown with its 95% confidence interval. On CK+, accuracy is
    per sequence, cross-validated by subject.
    """
    store = ModelStore.default()
    listing = store.list_models()
    if listing.cards:
        cards = sorted(listing.cards, key=lambda card: -card.reported.accuracy.value)
        for test_set in sorted({_test_set(card) for card in cards}):
            _print(_models_table(test_set, [card for card in cards if _test_set(card) == test_set]))
    if listing.imported:
        _print(_imported_table(listing.imported))
    if not listing.runnable:
        typer.echo(f"There is no usable model in {shown(store.folder)}.")
    _report_broken(listing.broken)


@app.command()
def report(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of a saved model; repeat the option to compare several.", show_default="all"
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("report.html"),
    overwrite: OverwriteOption = False,
) -> None:
    """Writes a report on saved models: one self-contained HTML file that works offline."""
    from fer_core.reports.html_report import render_report  # imported here because it is slow

    store, names = ModelStore.default(), model
    if not names:
        listing = store.list_models()
        _report_broken(listing.broken)
        names = [card.name for card in listing.cards]
        if not names:
            raise ModelError(f"There is no usable model in {store.folder}.")
    read = [file for name in names for file in store.model_folder(name).iterdir()]
    check_outputs({"--out": out}, inputs=read, overwrite=overwrite)
    with exclusive_output(out):
        page = render_report(names).encode()
        with writing(out) as file:
            file.write(page)
    typer.echo(f"Wrote {shown(out)} ({len(page) / 1e6:.1f} MB).")


@app.command()
def prepare(
    wait_s: Annotated[
        float,
        typer.Option(
            "--wait",
            callback=within(0),
            help="Maximum time to wait for an idle machine, in seconds.",
        ),
    ] = 20.0,
) -> None:
    """Prepares the first use: exports models to ONNX, measures latency, fetches the detector.

    Latency should be measured on an idle machine. If it was measured on a busy one, a later run on
    an idle machine measures it again.
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
            f"Other work kept {load:.0%} of the processors busy during the latency measurement, "
            "so the times are too long. Run this command again on an idle machine.",
            err=True,
        )
    detector = create_detector()
    typer.echo(f"Ready. Face detector: {detector.name}.")


def _measure_speed(wait_s: float, say: Callable[[str], None]) -> float | None:
    """Measures the latency of models without one, and of those measured on a busy machine.

    Returns:
        The highest load during a measurement; None when there was nothing to measure.
    """
    cards = ModelStore.default().list_models().runnable
    known = {card.name: cached_latency(card) for card in cards}
    wanted = [card for card in cards if (found := known[card.name]) is None or found.is_disturbed]
    if not wanted:
        return None
    say("Latency: waiting for an idle machine")
    load = wait_until_idle(wait_s if None in known.values() else 0.0)
    loads = []
    for card in wanted:
        if known[card.name] is not None and load is not None and load >= IDLE_BELOW:
            continue  # the cached value is no worse
        say(f"{card.title}: measuring latency")
        with suppress(ModelError):  # the caller reports models that cannot be loaded
            loads.append(measure_and_cache(card).load)
    return max((load for load in loads if load is not None), default=None)


def _test_set(card: ModelCard) -> str:
    return card.protocol.dataset + (", sequences" if card.ckplus else "")


def _models_table(test_set: str, cards: Sequence[ModelCard]) -> Table:
    # Nothing is truncated in a narrow terminal: names stay whole for copying, all else wraps.
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


def _imported_table(cards: Sequence[ImportedCard]) -> Table:
    columns = [Column(heading, overflow="fold") for heading in ("Title", "Classes", "Size")]
    title = "Imported, not scored here"
    table = Table(Column("Name", no_wrap=True), *columns, title=title, title_justify="left")
    for card in cards:
        size = f"{card.weights.size_bytes / 1e6:.1f} MB"
        table.add_row(card.name, shown(card.title), shown(", ".join(card.labels)), size)
    return table


def _print(table: Table) -> None:
    Console(markup=False).print(table)  # brackets in a file name are not markup


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
    # Not through typer.echo, which strips color codes from redirected output, file names included.
    sys.stdout.write(shown(table, keep_lines=True) if sys.stdout.isatty() else table)


def _rows(analyses: Iterable[tuple[str, ImageAnalysis]]) -> Iterator[dict[str, Value]]:
    for file, analysis in analyses:
        for row in analysis.rows():
            yield {FILE.name: file} | row | analysis.run


def _faces_table(analyses: list[tuple[str, ImageAnalysis]]) -> Table:
    table = Table(Column("File", overflow="fold"))
    for heading in ("Face", "Apparent expression", "Confidence", "Box (pixels)"):
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
