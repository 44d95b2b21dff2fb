"""`import-model`: checks a model from elsewhere, and adds it to the saved models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from fer_core.cli.options import OverwriteOption
from fer_core.errors import ModelRejected
from fer_core.evaluation import list_defects
from fer_core.files import shown
from fer_core.zoo import ImportedCard, ModelStore
from fer_core.zoo.importing import check_model
from fer_core.zoo.onnx_importing import (
    LABEL_SETS,
    ImportSettings,
    StatedSettings,
    add_model,
    check_onnx,
    keras_as_onnx,
    model_name,
    read_settings,
    read_stated_settings,
)


def import_model(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    labels: Annotated[
        str | None,
        typer.Option(
            help="The classes in the order of the outputs, separated by commas, or the order of "
            f"{', '.join(LABEL_SETS)}. Without labels, the file is only checked and described.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the model.", show_default="from the file's name")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Display name.", show_default="from the name")
    ] = None,
    input_size: Annotated[
        str | None,
        typer.Option(
            "--input",
            help="Height x width x channels of a face, such as 224x224x3.",
            show_default="from the file",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(help="NCHW or NHWC; must agree with the file.", show_default="from the file"),
    ] = None,
    color: Annotated[str | None, typer.Option(help="gray, rgb or bgr.")] = None,
    scaling: Annotated[
        str | None,
        typer.Option(
            help="Of the values 0 to 255: none, unit (0 to 1), symmetric (-1 to 1), standardize "
            "(each face to mean 0, variance 1), imagenet, or channels, with --mean and --deviation."
        ),
    ] = None,
    mean: Annotated[
        str | None, typer.Option(help="Per channel, of values from 0 to 1: 0.5,0.5,0.5.")
    ] = None,
    deviation: Annotated[
        str | None, typer.Option(help="Standard deviation per channel, likewise.")
    ] = None,
    output: Annotated[str | None, typer.Option(help="logits or probabilities.")] = None,
    settings: Annotated[
        Path | None,
        typer.Option(help="A TOML file with these settings; options replace its values."),
    ] = None,
    accept_guesses: Annotated[
        bool, typer.Option(help="Do not ask for a confirmation of guessed settings.")
    ] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Checks an untrusted .keras or .onnx file, and adds it to the saved models.

    The file is checked in a separate process before it is opened. With --labels, a model folder is
    made, in FER_MODELS_DIR if that is set. Settings that are not stated are read from the file or
    guessed; guesses are listed and need a confirmation. An imported model has no scores until it
    is evaluated on labeled photos.
    """
    stated = _stated(
        settings,
        {
            "labels": _parts(labels),
            "name": name,
            "title": title,
            "input": input_size,
            "layout": layout,
            "color": color,
            "scaling": scaling,
            "mean": _numbers("--mean", mean),
            "deviation": _numbers("--deviation", deviation),
            "output": output,
        },
    )
    store = ModelStore.default()
    if stated.labels is not None:
        store.check_free(model_name(stated, file.name), file, overwrite=overwrite)
    is_keras = file.suffix.lower() != ".onnx" or file.is_dir()
    if stated.labels is None:
        _print_properties(check_model(file) if is_keras else check_onnx(file))
        typer.echo("The model passed all checks. To add it to the saved models, name its --labels.")
        return
    with _onnx_file(file, stated, is_keras=is_keras) as onnx_file:
        report = check_onnx(onnx_file)
        read = read_settings(report, stated, file.name)
        _print_readings(read)
        if read.needs_confirmation and not accept_guesses:
            _confirm()
        card = add_model(onnx_file, file, read, store=store, overwrite=overwrite)
    _say_added(card)


@contextmanager
def _onnx_file(file: Path, stated: StatedSettings, *, is_keras: bool) -> Iterator[Path]:
    if not is_keras:
        yield file
        return
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Checking the model", total=1.0)
        with keras_as_onnx(
            file,
            stated.side,
            lambda part, text: progress.update(task, completed=part, description=shown(text)),
        ) as onnx_file:
            progress.stop()
            yield onnx_file


def _stated(settings: Path | None, options: dict[str, object]) -> StatedSettings:
    read = StatedSettings() if settings is None else read_stated_settings(settings)
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return StatedSettings.model_validate(read.model_dump() | given)
    except ValidationError as error:
        raise ModelRejected(
            f"The options are not valid:\n{list_defects(error, 'all options')}",
            reason="unsupported_type",
        ) from error


def _parts(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",")]


def _numbers(option: str, text: str | None) -> list[float] | None:
    try:
        return None if text is None else [float(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(
            f"expected numbers separated by commas. Received: {shown(text or '')}",
            param_hint=option,
        ) from error


def _print_properties(report: object) -> None:
    table = Table("Property", Column("Value", overflow="fold"))
    for name, value in report.to_frame().itertuples(index=False):  # type: ignore[attr-defined]
        table.add_row(shown(name), shown(value))
    Console(markup=False).print(table)


def _print_readings(settings: ImportSettings) -> None:
    table = Table("Setting", Column("Value", overflow="fold"), Column("From", overflow="fold"))
    for reading in settings.readings:
        origin = f"a guess: {reading.origin}" if reading.is_guess else reading.origin
        table.add_row(reading.setting, shown(reading.value), shown(origin))
    Console(markup=False).print(table)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise ModelRejected(
            "Some settings are guesses. State them, or accept them all with --accept-guesses.",
            reason="unsupported_type",
        )
    typer.confirm("Are the guesses right?", abort=True)


def _say_added(card: ImportedCard) -> None:
    folder = ModelStore.default().model_folder(card.name)
    typer.echo(f"Added {card.name} in {shown(folder)}. It has no scores yet. To get some:")
    typer.echo(f"python -m fer_core evaluate PHOTOS --model {card.name}")
