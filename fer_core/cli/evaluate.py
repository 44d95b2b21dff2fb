"""`python -m fer_core evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from fer_core.benchmark import (
    EvaluationStore,
    PhotoEvaluation,
)
from fer_core.benchmark.packages import PackageCommand, evaluate_package
from fer_core.benchmark.photos import (
    ClassMatching,
    EvaluationCheckpoint,
    EvaluationSettings,
    LabeledPhotos,
    evaluate_photos,
    match_classes,
    open_photos,
)
from fer_core.cli.evaluation_tables import print_evaluation
from fer_core.cli.options import DetectorOption, OverwriteOption, ResumeOption
from fer_core.errors import InputRejected
from fer_core.files import atomic_write_text, check_outputs, shown
from fer_core.machine import available_processors
from fer_core.reports.html_report import render_evaluation
from fer_core.zoo import ModelStore


def evaluate(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="Labeled photos: a folder or ZIP with a subfolder per class, or a CSV or Parquet "
            "table with the columns file and label.",
            show_default=False,
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of a saved model; several may be given.", show_default="the most accurate"
        ),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PYTHON[:ADAPTER]",
            help="Another package, run by the Python that has it, e.g. fer=../others/bin/python; "
            "several may be given.",
            show_default=False,
        ),
    ] = None,
    metadata: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet table with further columns by file name, to slice by.",
            show_default=False,
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Column that names the person: intervals and tests are then by person.",
            show_default=False,
        ),
    ] = None,
    pre_cropped: Annotated[
        bool,
        typer.Option("--pre-cropped", help="Every photo is one cropped face; none is detected."),
    ] = False,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=LABEL,...",
            help="What class names mean, e.g. 1=surprise,other= (nothing leaves photos out).",
            show_default=False,
        ),
    ] = None,
    accept_classes: Annotated[
        bool,
        typer.Option("--accept-classes", help="Confirm how class names are read, without asking."),
    ] = False,
    detector: DetectorOption = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Number of worker processes.", show_default="one per core"),
    ] = None,
    save: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Save the evaluation, without pictures: lowercase letters, digits, _ and -.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write a report as one HTML file.", show_default=False),
    ] = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Evaluates saved models, and other packages, on your own labeled photos.

    A photo without a found face counts as an error. Of several faces, the largest counts, or the
    one that overlaps a given box. Photos of a class that a model cannot predict are left out for
    all. An interrupted evaluation continues with --resume.
    """
    outputs = {} if report is None else {"--report": report}
    check_outputs(outputs, inputs=[source], overwrite=overwrite or resume)
    store = EvaluationStore.default()
    if save is not None:
        store.check_free(save, overwrite=overwrite)
    commands = _commands(package or [], source)
    photos = open_photos(source, metadata=metadata, group=group)
    matching = _matched(photos, _stated(classes), accept=accept_classes)
    listing = ModelStore.default().list_models()
    best = [] if listing.default is None else [listing.default.name]
    settings = EvaluationSettings(tuple(dict.fromkeys(model or best)), detector, pre_cropped)
    evaluation = _evaluated(photos, matching, settings, workers, save, resume=resume)
    for command in commands:
        evaluation = _with_package(evaluation, photos, command, pre_cropped=pre_cropped)
    print_evaluation(evaluation)
    if save is not None:
        folder = store.save(replace(evaluation, name=save), overwrite=overwrite)
        typer.echo(f"Saved as {save} in {shown(folder)}")
    if report is not None:
        atomic_write_text(report, render_evaluation(evaluation))
        typer.echo(f"Written to {shown(report)}")


def _stated(classes: str | None) -> dict[str, str]:
    stated = {}
    for part in (classes or "").split(","):
        if not part.strip():
            continue
        name, equals, label = part.partition("=")
        if not equals:
            raise typer.BadParameter(
                f"expected NAME=LABEL. Received: {shown(part)}", param_hint="--classes"
            )
        stated[name.strip()] = label.strip()
    return stated


def _commands(packages: Sequence[str], source: Path) -> list[PackageCommand]:
    commands = [PackageCommand.parse(each) for each in packages]
    if commands and source.suffix.lower() == ".zip":
        raise typer.BadParameter(
            "needs photos in a folder, since a ZIP is never extracted.", param_hint="--package"
        )
    return commands


def _matched(photos: LabeledPhotos, stated: Mapping[str, str], *, accept: bool) -> ClassMatching:
    matching = match_classes(photos.class_names, stated)
    is_exact = not matching.needs_confirmation and not matching.unknown
    if is_exact:
        return matching
    table = Table("In the source", "Read as", "Photos")
    for name, count in matching.photos.items():
        read_as = matching.read_as.get(name) or (
            "unknown" if name in matching.unknown else "left out"
        )
        table.add_row(shown(name), read_as, f"{count:,}")
    Console(markup=False).print(table)
    if matching.digits:
        typer.echo(f"The digits are read as those of {matching.digits}.")
    if matching.unknown:
        raise InputRejected(
            f"{shown(matching.unknown[0])} is no known class. State what it is, or leave it out: "
            f"--classes {matching.unknown[0]}=happy or --classes {matching.unknown[0]}=",
            reason="unsupported_type",
        )
    unstated = {
        name
        for name, label in matching.read_as.items()
        if name not in stated and name.strip().lower() != label
    }
    if unstated and not accept:
        if not sys.stdin.isatty():
            raise InputRejected(
                "The class names are not exact. If they are read correctly, add --accept-classes.",
                reason="unsupported_type",
            )
        typer.confirm("Are the classes read correctly?", abort=True)
    return matching


def _evaluated(
    photos: LabeledPhotos,
    matching: ClassMatching,
    settings: EvaluationSettings,
    workers: int | None,
    save: str | None,
    *,
    resume: bool,
) -> PhotoEvaluation:
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    partial = EvaluationStore.default().folder / f".{save}.partial"
    checkpoint = (
        nullcontext()
        if save is None
        else EvaluationCheckpoint(partial, photos.name, settings, resume=resume)
    )
    try:
        with (
            checkpoint as kept,
            Progress(
                *columns,
                TimeRemainingColumn(),
                console=console,
                transient=True,
                disable=not console.is_terminal,
            ) as progress,
        ):
            task = progress.add_task("Photos", total=None)
            evaluation = evaluate_photos(
                photos,
                matching,
                settings,
                workers=_workers(photos, workers),
                known=None if kept is None else kept.known,
                on_found=(lambda name, face: None) if kept is None else kept.add,
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
    except KeyboardInterrupt:
        advice = "" if save is None else " Finished photos are saved; continue with --resume."
        typer.echo(f"Stopped.{advice}", err=True)
        raise typer.Exit(130) from None
    assert evaluation is not None  # it is never stopped
    return evaluation


def _workers(photos: LabeledPhotos, workers: int | None) -> int | None:
    """None, so in this process, where photos are in memory: a ZIP is not copied to others."""
    return (workers or available_processors()) if photos.folder is not None else None


def _with_package(
    evaluation: PhotoEvaluation,
    photos: LabeledPhotos,
    command: PackageCommand,
    *,
    pre_cropped: bool,
) -> PhotoEvaluation:
    if command.name in evaluation.entries:
        raise InputRejected(
            f"Two entries are named {shown(command.name)}. Name the package differently.",
            reason="unsupported_type",
        )
    row_of = {name: row for row, name in enumerate(photos.ids)}
    rows = [row_of[name] for name in evaluation.photos.id]
    entry = evaluate_package(
        command,
        [photos.path(row) for row in rows],
        boxes=[photos.box(row) for row in rows],
        pre_cropped=pre_cropped,
    )
    unknown = set(evaluation.photos.labels) - set(entry.labels)
    if unknown:
        raise InputRejected(
            f"{entry.title} cannot predict {', '.join(sorted(unknown))}. Leave these photos out "
            "with --classes.",
            reason="unsupported_type",
        )
    return replace(evaluation, entries={**evaluation.entries, command.name: entry})
