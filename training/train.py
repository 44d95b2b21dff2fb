"""Trains one classifier.

    python -m training.train --config training/configs/cnn.toml --data fer2013.csv
    python -m training.train --config training/configs/cnn.toml --data fer2013.csv --resume

The run directory (runs/<name> unless --run-dir says otherwise) holds the config, the environment,
history.csv and two checkpoints: `last.npz` to go on from and `best.npz`, the epoch with the best
validation accuracy. A run that was stopped at any moment goes on with --resume from its last whole
epoch, with the result it would have had.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from fer_core.errors import FerError
from fer_core.preprocessing import preprocess_batch
from training.architectures import build_classifier
from training.augmentation import build_augmentation, reseed
from training.batches import EpochBatches, class_weights
from training.checkpoints import Checkpoint, CheckpointError, Row
from training.datasets import FaceDataset, read_dataset
from training.environment import write_environment
from training.fast_kernels import with_fast_kernels
from training.runs import BEST_CHECKPOINT, CONFIG_FILE, HISTORY_FILE, LAST_CHECKPOINT
from training.schedule import best_epoch, build_optimizer, is_finished, set_epoch_learning_rate
from training.settings import TrainingSettings, read_settings

console = Console()
app = typer.Typer(add_completion=False)


def train(
    settings: TrainingSettings, dataset: FaceDataset, run_dir: Path, *, resume: bool
) -> list[Row]:
    """Trains until the schedule or early stopping ends the run.

    Args:
        settings: everything the run depends on besides the data.
        dataset: must have the splits `train` and `valid`.
        run_dir: where checkpoints and history go.
        resume: go on from the last checkpoint, which must exist.

    Returns:
        One row per epoch, those before a resume included.

    Raises:
        CheckpointError: there is nothing to resume, or it belongs to another config.
        DatasetError: a split is missing.
    """
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_global_policy(settings.precision)
    try:
        return _train(settings, dataset, run_dir, resume=resume)
    finally:
        keras.mixed_precision.set_global_policy("float32")


def _train(
    settings: TrainingSettings, dataset: FaceDataset, run_dir: Path, *, resume: bool
) -> list[Row]:
    train_set, valid_set = dataset.subset("train"), dataset.subset("valid")
    targets = one_hot_or_votes(train_set)
    state = Checkpoint.load(run_dir / LAST_CHECKPOINT) if resume else None
    history = state.history if state else []
    prepared_size = 0
    while not is_finished(settings, history):
        epoch, started = len(history), time.perf_counter()
        if prepared_size != settings.image_size_at(epoch):
            prepared_size = settings.image_size_at(epoch)
            config = settings.preprocessing.to_config(prepared_size)
            inputs = preprocess_batch(train_set.images, config)
            valid_inputs = preprocess_batch(valid_set.images, config)
            classifier, trainer = _build(settings, targets, image_size=prepared_size)
            if state:
                state.restore(classifier, trainer.optimizer)
        batches = EpochBatches(
            inputs,
            targets,
            class_weights=class_weights(targets, settings.class_weights),
            batch_size=settings.batch_size,
            mixup_alpha=settings.augmentation.mixup,
            seed=settings.seed,
            epoch=epoch,
        )
        reseed(trainer, seed=settings.seed, epoch=epoch)
        set_epoch_learning_rate(trainer.optimizer, settings, history)
        learning_rate = float(keras.ops.convert_to_numpy(trainer.optimizer.learning_rate))
        row = _fit_epoch(trainer, batches, title=f"epoch {epoch + 1}/{settings.schedule.epochs}")
        state = Checkpoint.capture(classifier, trainer.optimizer, history)
        _use_averaged_weights(settings, trainer, classifier)
        row |= _validate(classifier, valid_inputs, valid_set, settings.batch_size)
        row |= {"learning_rate": learning_rate, "seconds": time.perf_counter() - started}
        history.append({"epoch": float(epoch + 1), **row})
        _save(settings, run_dir, classifier, state, history)
        classifier.set_weights(state.weights)
        console.print(_describe(history[-1]))
    return history


def one_hot_or_votes(dataset: FaceDataset) -> NDArray[np.float32]:
    """The distribution each face is trained towards, `(n, n_classes)` float32."""
    if dataset.targets is not None:
        return dataset.targets
    return np.eye(len(dataset.label_names), dtype=np.float32)[dataset.labels]


def _build(
    settings: TrainingSettings, targets: NDArray[np.float32], *, image_size: int
) -> tuple[keras.Model, keras.Model]:
    """The classifier for faces of this size, and the same behind augmentation, compiled."""
    classifier = with_fast_kernels(
        build_classifier(settings.model, n_classes=targets.shape[1], image_size=image_size)
    )
    x = faces = keras.Input(classifier.input_shape[1:], dtype="float32")
    for layer in build_augmentation(settings.augmentation, seed=settings.seed):
        x = layer(x)
    trainer = keras.Model(faces, classifier(x))
    trainer.compile(
        optimizer=build_optimizer(
            settings.optimizer,
            settings.schedule,
            steps_per_epoch=max(1, len(targets) // settings.batch_size),
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=settings.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        # XLA makes convolutions several times slower under TensorFlow on a CPU.
        jit_compile=keras.backend.backend() == "jax",
    )
    trainer.optimizer.build(trainer.trainable_variables)
    return classifier, trainer


def _fit_epoch(trainer: keras.Model, batches: EpochBatches, *, title: str) -> Row:
    progress = Progress(
        title,
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        task = progress.add_task(title, total=len(batches))
        advance = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: progress.advance(task)
        )
        # PyDataset draws its order itself; fit must not shuffle the batches again.
        fitted = trainer.fit(batches, epochs=1, shuffle=False, verbose=0, callbacks=[advance])
    return {name: float(fitted.history[name][-1]) for name in ("loss", "accuracy")}


def _use_averaged_weights(
    settings: TrainingSettings, trainer: keras.Model, classifier: keras.Model
) -> None:
    if settings.optimizer.ema_momentum is not None:
        trainer.optimizer.finalize_variable_values(classifier.trainable_variables)


def _validate(
    classifier: keras.Model, inputs: NDArray[np.float32], dataset: FaceDataset, batch_size: int
) -> Row:
    probabilities = classifier.predict(inputs, batch_size=4 * batch_size, verbose=0)
    of_label = probabilities[np.arange(len(dataset.labels)), dataset.labels]
    return {
        "val_loss": float(-np.log(np.maximum(of_label, 1e-7)).mean()),
        "val_accuracy": float((probabilities.argmax(axis=1) == dataset.labels).mean()),
    }


def _save(
    settings: TrainingSettings,
    run_dir: Path,
    classifier: keras.Model,
    state: Checkpoint,
    history: list[Row],
) -> None:
    """Writes what this epoch gave, `last.npz` after `best.npz`.

    A kill between the two repeats the epoch and writes the same best again.
    """
    if best_epoch(settings, history) == len(history) - 1:
        Checkpoint(classifier.get_weights(), [], history).save(run_dir / BEST_CHECKPOINT)
    Checkpoint(state.weights, state.optimizer, history).save(run_dir / LAST_CHECKPOINT)
    pd.DataFrame(history).astype({"epoch": int}).to_csv(run_dir / HISTORY_FILE, index=False)


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
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes to use.")] = None,
    run_dir: Annotated[Path | None, typer.Option(help="Default: runs/<name>.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where the run was stopped.")] = False,
) -> None:
    """Trains one classifier; see the module's docstring."""
    try:
        settings = read_settings(config)
        run_dir = run_dir or Path("runs") / settings.model.name
        _prepare_run_dir(run_dir, config, resume=resume)
        dataset = read_dataset(data, ferplus)
        for note in dataset.notes:
            console.print(f"Note: {note}", highlight=False)
        history = train(settings, dataset, run_dir, resume=resume)
    except FerError as error:
        console.print(f"[red]Error:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error
    best = best_epoch(settings, history)
    if best is not None:
        accuracy = history[best]["val_accuracy"]
        console.print(f"Best epoch {best + 1}: validation accuracy {accuracy:.4f}. See {run_dir}.")


def _prepare_run_dir(run_dir: Path, config: Path, *, resume: bool) -> None:
    kept = run_dir / CONFIG_FILE
    if resume:
        if not kept.exists() or kept.read_bytes() != config.read_bytes():
            raise CheckpointError(
                f"{run_dir} was not started with {config}: its {CONFIG_FILE} is missing or differs."
            )
        return
    if (run_dir / LAST_CHECKPOINT).exists():
        raise CheckpointError(
            f"{run_dir} already holds a run. Pass --resume to go on, or another --run-dir."
        )
    run_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(config, kept)
    write_environment(run_dir)


if __name__ == "__main__":
    app()
