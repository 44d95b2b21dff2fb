"""Trains one classifier.

    python -m training.train --config training/configs/cnn.toml --data fer2013.csv
    python -m training.train --config training/configs/cnn.toml --data fer2013.csv --resume

The run directory (by default runs/<name>) holds the config, the environment, history.csv and two
checkpoints: `last.npz` to resume from and `best.npz`, the epoch with the best validation accuracy.
A run that was stopped at any time resumes with --resume after its last complete epoch, with the
same result as an uninterrupted run.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from numpy.typing import NDArray

from fer_core.errors import FerError
from fer_core.paths import runs_directory
from fer_core.preprocessing import preprocess_batch
from training.datasets import FaceDataset
from training.input_pipeline import (
    EpochBatches,
    balanced_order,
    class_weights,
    epoch_order,
    read_data,
    resample,
    reseed,
    training_targets,
)
from training.loop import (
    DeviceEpochs,
    build_trainer,
    fit_epoch,
    has_accelerator,
    load_teachers,
    set_epoch_learning_rate,
    validate,
    weights_to_save,
)
from training.networks import BatchNormEstimator, shard_batches
from training.run_directory import (
    HISTORY_FILE,
    LAST_CHECKPOINT,
    Checkpoint,
    Row,
    Weights,
    atomic_write_in_run,
    best_epoch,
    complete_interrupted_save,
    history_table,
    is_finished,
    load_initial_weights,
    load_pretrained,
    lock_run_directory,
    prepare_run_dir,
    require_same_data,
    save_checkpoints,
    write_data_fingerprint,
)
from training.settings import TrainingSettings, read_settings
from training.terminal import console, print_error, print_notes, run

app = typer.Typer(add_completion=False)


def train(
    settings: TrainingSettings,
    dataset: FaceDataset,
    run_dir: Path,
    *,
    resume: bool,
    ferplus: FaceDataset | None = None,
    stop_at: float | None = None,
    save_seconds: float = 0.0,
) -> list[Row]:
    """Trains until the schedule or early stopping ends the run.

    Args:
        settings: settings of the run.
        dataset: must have the splits `train` and `valid`.
        run_dir: folder for checkpoints and history.
        resume: resume from the last checkpoint, which must exist.
        ferplus: the votes of the same faces, for `settings.extra_votes`.
        stop_at: start no epoch that would probably end after this time of `time.monotonic`, in
            seconds, judging by previous epochs other than those that included compilation.
        save_seconds: minimum time between two checkpoints, for epochs that take less time than
            writing a checkpoint. 0 writes one after every epoch.

    Returns:
        One row per epoch, including those before resuming.

    Raises:
        CheckpointError: there is nothing to resume, the run has another config or different data,
            its teachers are missing, or a file cannot be written, for example on a full disk.
        DatasetError: a split is missing.
        SettingsError: the data, a teacher or the pretrained model does not fit the settings.
    """
    data = {faces.name: faces.fingerprint() for faces in (dataset, ferplus) if faces is not None}
    if resume:
        require_same_data(run_dir, data)
    else:
        write_data_fingerprint(run_dir, data)
    teachers = load_teachers(settings, run_dir, dataset, resume=resume)
    first_weights = None if resume else load_pretrained(settings, run_dir, dataset)
    keras.utils.set_random_seed(settings.seed)  # no later draw depends on the start of the run
    keras.mixed_precision.set_global_policy(settings.precision)
    try:
        return _train(
            settings,
            dataset,
            run_dir,
            resume,
            ferplus,
            stop_at,
            save_seconds,
            teachers,
            first_weights,
        )
    finally:
        keras.mixed_precision.set_global_policy("float32")


def _train(
    settings: TrainingSettings,
    dataset: FaceDataset,
    run_dir: Path,
    resume: bool,
    ferplus: FaceDataset | None,
    stop_at: float | None,
    save_seconds: float,
    teachers: list[keras.Model],
    first_weights: Weights | None,
) -> list[Row]:
    train_set, valid_set = dataset.subset("train"), dataset.subset("valid")
    state = Checkpoint.load(run_dir / LAST_CHECKPOINT) if resume else None
    history = state.history if state else []
    complete_interrupted_save(run_dir, settings, history)
    if history:
        _write_history(run_dir, history)  # a killed run may not have written it
    n_classes = len(dataset.label_names)
    images, targets = _faces_to_learn(settings, train_set, ferplus)
    epoch_length = len(train_set)
    prepared_size = 0
    best: Checkpoint | None = None
    saved_at = time.monotonic()
    compiled = len(history)
    over = is_finished(settings, history) or _is_too_late(stop_at, history, compiled)
    while not over:
        epoch, started = len(history), time.perf_counter()
        if prepared_size != settings.image_size_at(epoch):
            prepared_size, compiled = settings.image_size_at(epoch), epoch
            config = settings.preprocessing.to_config(prepared_size)
            inputs = preprocess_batch(images, config)
            valid_inputs = preprocess_batch(valid_set.images, config)
            trainer = build_trainer(
                settings,
                n_classes=n_classes,
                n_votes=targets.shape[1] - n_classes,
                image_size=prepared_size,
                steps_per_epoch=max(1, epoch_length // settings.batch_size),
                teachers=teachers,
            )
            statistics = BatchNormEstimator(trainer.classifier, train_set.images, config)
            on_device = (
                DeviceEpochs(trainer.model, n_classes=n_classes) if has_accelerator() else None
            )
            if state:
                state.restore(trainer.student, trainer.optimizer)
            elif first_weights:
                load_initial_weights(first_weights, trainer.classifier)
        batches = _batches(settings, inputs, targets, n_classes, epoch_length, epoch)
        reseed(trainer.model, seed=settings.seed, epoch=epoch)
        set_epoch_learning_rate(trainer.optimizer, settings, history)
        learning_rate = float(keras.ops.convert_to_numpy(trainer.optimizer.learning_rate))
        title = f"epoch {epoch + 1}/{settings.schedule.epochs}"
        row = on_device.fit(batches) if on_device else fit_epoch(trainer.model, batches, title)
        with weights_to_save(settings, trainer, statistics):
            row |= validate(trainer.classifier, valid_inputs, valid_set, settings.batch_size)
            row |= {"learning_rate": learning_rate, "seconds": time.perf_counter() - started}
            history.append({"epoch": float(epoch + 1), **row})
            if best_epoch(settings, history) == epoch:
                best = Checkpoint(trainer.classifier.get_weights(), [], list(history))
        over = is_finished(settings, history) or _is_too_late(stop_at, history, compiled)
        rebuilt = settings.image_size_at(epoch + 1) != prepared_size
        if over or rebuilt or time.monotonic() - saved_at >= save_seconds:
            state = Checkpoint.capture(trainer.student, trainer.optimizer, history)
            save_checkpoints(run_dir, best, state)
            _write_history(run_dir, history)
            best, saved_at = None, time.monotonic()
        console.print(_describe(history[-1]))
    return history


def _is_too_late(stop_at: float | None, history: list[Row], compiled: int) -> bool:
    """Whether one more epoch would probably end after `stop_at`.

    Args:
        stop_at: see `train`.
        history: all epochs so far.
        compiled: the last epoch that started with a compilation, which under JAX can take longer
            than many epochs. If it is the latest one, the fastest earlier epoch is used.
    """
    if stop_at is None:
        return False
    after = [row["seconds"] for row in history[compiled + 1 :]]
    before = [row["seconds"] for row in history[:compiled]]
    expected = max(after[-3:]) if after else min(before[-3:], default=0.0)
    return time.monotonic() + expected > stop_at


def _faces_to_learn(
    settings: TrainingSettings, train_set: FaceDataset, ferplus: FaceDataset | None
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Images and targets of the training split, resampled according to the settings."""
    targets = training_targets(settings, train_set, ferplus)
    kind = settings.imbalance.resampling
    if kind == "none" or kind == "balanced_sampler":
        return train_set.images, targets
    n_classes = len(train_set.label_names)
    return resample(train_set.images, targets, n_classes=n_classes, kind=kind, seed=settings.seed)


def _batches(
    settings: TrainingSettings,
    inputs: NDArray[np.float32],
    targets: NDArray[np.float32],
    n_classes: int,
    length: int,
    epoch: int,
) -> EpochBatches:
    if settings.imbalance.resampling == "balanced_sampler":
        classes = targets[:, :n_classes]
        order = balanced_order(classes, length=length, seed=settings.seed, epoch=epoch)
    else:
        order = epoch_order(len(inputs), length=length, seed=settings.seed, epoch=epoch)
    weights = np.zeros(targets.shape[1], np.float32)  # extra votes have no weight
    weights[:n_classes] = class_weights(targets[:, :n_classes], settings.imbalance.class_weights)
    return EpochBatches(
        inputs,
        targets,
        order=order,
        class_weights=weights,
        batch_size=settings.batch_size,
        mixup_alpha=settings.augmentation.mixup,
        seed=settings.seed,
        epoch=epoch,
    )


def _write_history(run_dir: Path, history: list[Row]) -> None:
    with atomic_write_in_run(run_dir / HISTORY_FILE) as file:
        history_table(history).to_csv(file, index=False)


def _describe(row: Row) -> str:
    return (
        f"epoch {row['epoch']:3.0f}  loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}  "
        f"val_loss {row['val_loss']:.4f}  val_accuracy {row['val_accuracy']:.4f}  "
        f"learning rate {row['learning_rate']:.2e}  {row['seconds']:.0f} s"
    )


@app.command()
def main(
    config: Annotated[Path, typer.Option(help="TOML file with the settings.")],
    data: Annotated[Path, typer.Option(help="FER2013 CSV, or a folder of faces by class.")],
    ferplus: Annotated[
        Path | None,
        typer.Option(help="Folder of FER+ votes, as labels or for extra_votes."),
    ] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Default: runs/<name>.")] = None,
    resume: Annotated[bool, typer.Option(help="Resume the run from its last checkpoint.")] = False,
    all_devices: Annotated[
        bool, typer.Option("--all-devices", help="Share every batch among all JAX devices.")
    ] = False,
) -> None:
    """Trains one classifier; see the module's docstring."""
    try:
        settings = read_settings(config)
        if all_devices:
            console.print(f"Devices: {shard_batches(settings.batch_size)}")
        run_dir = run_dir or runs_directory() / settings.model.name
        with lock_run_directory(run_dir):
            prepare_run_dir(run_dir, config, resume=resume)
            dataset, votes = read_data(settings, data, ferplus)
            print_notes(dataset.notes)
            history = train(settings, dataset, run_dir, resume=resume, ferplus=votes)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    best = best_epoch(settings, history)
    if best is not None:
        accuracy = history[best]["val_accuracy"]
        console.print(f"Best epoch {best + 1}: validation accuracy {accuracy:.4f}. See {run_dir}.")


if __name__ == "__main__":
    run(main)
