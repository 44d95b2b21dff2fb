r"""Runs a sweep: trains several configs, one after the other, within a time limit.

    KERAS_BACKEND=jax python -m training.sweep training/configs/gpu/*.toml \
        --data data/fer2013.csv --runs runs/gpu --minutes 28 --export --final

Each run has the folder of its name in --runs. Finished runs are skipped and unfinished ones are
resumed, so repeating the same command finishes all of them. A saved model that is older than its
run is replaced with --overwrite only. An epoch that would probably exceed the time limit, judging
by previous epochs, is not started. Configs with teachers run last, because their teachers may be
runs of the same sweep.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Final

import keras
import typer

from fer_core.cli import OverwriteOption, within
from fer_core.errors import FerError
from fer_core.zoo import CARD_FILE, ModelStore
from training.export import export
from training.input_pipeline import read_data
from training.run_directory import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    is_finished,
    lock_run_directory,
    prepare_run_dir,
)
from training.settings import TrainingSettings, read_settings
from training.terminal import FinalOption, console, print_error, print_log_entry, require_final, run
from training.train import train

SAVE_SECONDS: Final = 20.0
"""On a GPU an epoch takes a second or two, and so does writing a checkpoint."""


def main(
    configs: Annotated[list[Path], typer.Argument(help="TOML files with settings.")],
    data: Annotated[Path, typer.Option(help="FER2013 CSV, or a folder of faces by class.")],
    runs: Annotated[Path, typer.Option(help="Folder of the run directories.")],
    minutes: Annotated[float, typer.Option(callback=within(0), help="Time limit of the sweep.")],
    ferplus: Annotated[
        Path | None,
        typer.Option(help="Folder of FER+ votes, as labels or for extra_votes."),
    ] = None,
    save: Annotated[
        bool, typer.Option("--export", help="Create a model folder from each finished run.")
    ] = False,
    models_dir: Annotated[Path | None, typer.Option(help="Default: models/.")] = None,
    overwrite: OverwriteOption = False,
    final: FinalOption = False,
) -> None:
    """Trains several configs within a time limit; see the module's docstring."""
    if save:
        require_final(final, "Leave --export out to train only.")
    stop_at = time.monotonic() + 60 * minutes
    store = ModelStore(models_dir) if models_dir else ModelStore.default()
    exported_to = store if save else None
    failed = False
    try:
        planned = [(config, read_settings(config)) for config in configs]
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    for config, settings in sorted(planned, key=lambda plan: plan[1].distillation is not None):
        console.rule(settings.model.name)
        try:
            state = _go_on(config, settings, data, ferplus, runs, stop_at, exported_to, overwrite)
        except FerError as error:
            failed = True
            state = f"Error: {error}"
        console.print(f"{settings.model.name}: {state}", highlight=False, markup=False)
    if failed:
        raise typer.Exit(1)


def _go_on(
    config: Path,
    settings: TrainingSettings,
    data: Path,
    ferplus: Path | None,
    runs: Path,
    stop_at: float,
    exported_to: ModelStore | None,
    overwrite: bool,
) -> str:
    """Trains one run as far as the time allows and returns its state as text."""
    if time.monotonic() >= stop_at:
        return "not started, no time left"
    keras.utils.clear_session()
    run_dir = runs / settings.model.name
    with lock_run_directory(run_dir):
        resume = (run_dir / LAST_CHECKPOINT).exists()
        prepare_run_dir(run_dir, config, resume=resume)
        dataset, votes = read_data(settings, data, ferplus)
        history = train(
            settings,
            dataset,
            run_dir,
            resume=resume,
            ferplus=votes,
            stop_at=stop_at,
            save_seconds=SAVE_SECONDS,
        )
    if not is_finished(settings, history):
        return f"{len(history)} of {settings.schedule.epochs} epochs"
    if exported_to is not None and not _is_exported(run_dir, exported_to, settings.model.name):
        card = export(run_dir, dataset, exported_to, overwrite=overwrite)
        print_log_entry(card.name, card.protocol.report_split, card.reported)
    return "finished"


def _is_exported(run_dir: Path, store: ModelStore, name: str) -> bool:
    card = store.folder / name / CARD_FILE
    return card.exists() and card.stat().st_mtime > (run_dir / BEST_CHECKPOINT).stat().st_mtime


if __name__ == "__main__":
    run(main)
