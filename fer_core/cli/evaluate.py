"""`python -m fer_core evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from fer_core.benchmark import EvaluationStore, PhotoEvaluation
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
from fer_core.cli.evaluation_files import photos_csv, scores_json
from fer_core.cli.evaluation_tables import print_evaluation
from fer_core.cli.options import DetectorOption, OverwriteOption, ResumeOption
from fer_core.errors import InputRejected
from fer_core.files import atomic_write_text, check_outputs, exclusive_outputs, shown
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
            help="Name of a saved model; several may be given.", show_default="the best for photos"
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
    json: Annotated[
        Path | None,
        typer.Option(help="Write all scores, differences and slices as JSON.", show_default=False),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Write a row per photo: label, predictions, confidence, columns.",
            show_default=False,
        ),
    ] = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Evaluates saved models, and other packages, on your own labeled photos.

    A photo without a found face counts as an error. Of several faces, the largest counts, or the
    one that overlaps a given box. Photos of a class that a model cannot predict are left out for
    all. An interrupted evaluation with --save continues with --resume.
    """
    named = {"--report": report, "--json": json, "--csv": csv}
    outputs = {name: path for name, path in named.items() if path is not None}
    inputs = [source] if metadata is None else [source, metadata]
    check_outputs(outputs, inputs=inputs, overwrite=overwrite)
    store = EvaluationStore.default()
    if save is not None:
        store.check_free(save, overwrite=overwrite)
    elif resume:
        raise typer.BadParameter(
            "needs --save, under whose name the unfinished evaluation is.", param_hint="--resume"
        )
    default = ModelStore.default().list_models().default_for_photos
    best = [] if default is None else [default.name]
    settings = EvaluationSettings(tuple(dict.fromkeys(model or best)), detector, pre_cropped)
    commands = _commands(package or [], source, settings.models)
    photos = open_photos(source, metadata=metadata, group=group)
    read = [photos.path(row) for row in range(len(photos.files))]
    check_outputs(outputs, inputs=read, overwrite=overwrite)
    matching = _matched(photos, _stated(classes), accept=accept_classes)
    with exclusive_outputs(outputs.values()):
        try:
            with _checkpoint(save, photos, settings, resume=resume) as checkpoint:
                evaluation = _evaluated(photos, matching, settings, workers, checkpoint)
                for command in commands:
                    evaluation = _with_package(evaluation, photos, command, pre_cropped=pre_cropped)
                if save is not None:
                    folder = store.save(replace(evaluation, name=save), overwrite=overwrite)
        except KeyboardInterrupt:
            advice = "" if save is None else " Finished photos are saved; continue with --resume."
            typer.echo(f"Stopped.{advice}", err=True)
            raise typer.Exit(130) from None
        print_evaluation(evaluation)
        if save is not None:
            typer.echo(f"Saved as {save} in {shown(folder)}")
        for path, write in ((report, render_evaluation), (json, scores_json), (csv, photos_csv)):
            if path is not None:
                atomic_write_text(path, write(evaluation))
                typer.echo(f"Written to {shown(path)}")


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


def _commands(packages: Sequence[str], source: Path, models: Sequence[str]) -> list[PackageCommand]:
    commands = [PackageCommand.parse(each) for each in packages]
    names = [*models, *(command.name for command in commands)]
    for command in commands:
        if names.count(command.name) > 1:
            raise typer.BadParameter(
                f"two entries are named {shown(command.name)}. Name the package differently.",
                param_hint="--package",
            )
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
    checkpoint: EvaluationCheckpoint | None,
) -> PhotoEvaluation:
    with _progress("Photos") as progress:
        evaluation = evaluate_photos(
            photos,
            matching,
            settings,
            workers=_workers(photos, workers),
            known=None if checkpoint is None else checkpoint.known,
            on_found=(lambda name, face: None) if checkpoint is None else checkpoint.add,
            progress=progress,
        )
    assert evaluation is not None  # it is never stopped
    return evaluation


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _checkpoint(
    save: str | None, photos: LabeledPhotos, settings: EvaluationSettings, *, resume: bool
) -> Iterator[EvaluationCheckpoint | None]:
    if save is None:
        yield None
        return
    path = EvaluationStore.default().folder / f".{save}.partial"
    with EvaluationCheckpoint(path, photos.name, settings, resume=resume) as checkpoint:
        yield checkpoint


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
    row_of = {name: row for row, name in enumerate(photos.ids)}
    rows = [row_of[name] for name in evaluation.photos.id]
    with _progress(shown(command.name)) as progress:
        entry = evaluate_package(
            command,
            [photos.path(row) for row in rows],
            boxes=[photos.box(row) for row in rows],
            pre_cropped=pre_cropped,
            progress=progress,
        )
    unknown = set(evaluation.photos.labels) - set(entry.labels)
    if unknown:
        raise InputRejected(
            f"{entry.title} cannot predict {', '.join(sorted(unknown))}. Leave these photos out "
            "with --classes.",
            reason="unsupported_type",
        )
    return replace(evaluation, entries={**evaluation.entries, command.name: entry})
