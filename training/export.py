"""Creates a model folder from a finished run: weights, card, README, history and predictions.

    python -m training.export --run runs/cnn --data fer2013.csv --final

A card reports scores on the test split, so `--final` is required. Compare runs on the validation
split with `training.score_run` first.

The folder models/<name> is self-contained. Weights of rank 2 or higher are rounded to a short
mantissa, which halves the file; every number in the card is measured with the saved file.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import keras
import typer
from pydantic import JsonValue

from fer_core.cli import OverwriteOption
from fer_core.errors import FerError
from fer_core.evaluation.scores import limits_with_weakest_classes
from fer_core.files import atomic_directory, shown
from fer_core.labels import split_title
from fer_core.zoo import (
    CARD_FILE,
    PREDICTIONS_FILE,
    WEIGHTS_FILE,
    ModelCard,
    ModelStore,
    Protocol,
    Training,
    summarize,
    write_predictions,
)
from training.artifacts import (
    INTENDED_USE,
    OUT_OF_SCOPE_USE,
    REPORT_SPLIT,
    SELECTION_SPLIT,
    data_license,
    describe_weights,
    general_limits,
    predict_split,
    round_weights,
    save_compressed,
    split_name,
)
from training.datasets import FaceDataset, read_dataset
from training.networks import STATISTICS_SENTENCE, BatchNormEstimator, count_flops
from training.publishing import render_readme
from training.run_directory import (
    ENVIRONMENT_FILE,
    HISTORY_FILE,
    LAST_CHECKPOINT,
    Row,
    best_epoch,
    history_table,
    is_finished,
    load_best,
    pretrained_file,
    project_config,
    read_history,
)
from training.score_run import print_scores
from training.settings import TrainingSettings
from training.terminal import (
    TEST_SET_LOG,
    FinalOption,
    console,
    print_error,
    print_log_entry,
    print_notes,
    require_final,
)
from training.terminal import run as run_command

MANTISSA_BITS = 10

_DATASETS: Final = {"ferplus": "FER+"}


def export(
    run_dir: Path,
    dataset: FaceDataset,
    store: ModelStore,
    *,
    mantissa_bits: int = MANTISSA_BITS,
    overwrite: bool = False,
) -> ModelCard:
    """Creates a saved model from the best epoch of a run, atomically.

    Args:
        run_dir: a run directory of `training.train`.
        dataset: the dataset it was trained on.
        store: where the model is saved.
        mantissa_bits: explicit mantissa bits kept by weights of rank 2 or higher (1-23); depthwise
            kernels keep at least 10.
        overwrite: replace an existing folder of this name.

    Raises:
        OutputError: the folder exists and `overwrite` is false, or it cannot be created.
        FerError: the run, its config or its checkpoint cannot be used.
    """
    keras.utils.clear_session()  # restarts layer numbering at 1, so the file is reproducible
    settings, model = load_best(run_dir, dataset)
    with atomic_directory(
        store.folder, settings.model.name, "The saved model", overwrite=overwrite
    ) as new:
        return _fill(new, run_dir, settings, model, dataset, mantissa_bits)


def _fill(
    folder: Path,
    run_dir: Path,
    settings: TrainingSettings,
    model: keras.Model,
    dataset: FaceDataset,
    mantissa_bits: int,
) -> ModelCard:
    config = settings.preprocessing.to_config(settings.image_size)
    exact = predict_split(model, dataset, SELECTION_SPLIT, config)
    round_weights(model, mantissa_bits)
    BatchNormEstimator(model, dataset.subset("train").images, config).update(model)
    save_compressed(model, folder / WEIGHTS_FILE)
    stored = keras.models.load_model(folder / WEIGHTS_FILE, compile=False)
    predictions = [
        predict_split(stored, dataset, split, config) for split in (SELECTION_SPLIT, REPORT_SPLIT)
    ]
    write_predictions(folder / PREDICTIONS_FILE, predictions)
    # Not the run's own file: the run may have been killed between writing it and the checkpoint.
    history = read_history(run_dir)
    history_table(history).to_csv(folder / HISTORY_FILE, index=False)
    protocol = _protocol(dataset)
    summary = summarize(predictions, protocol.selection_split, protocol.report_split)
    rounding_change = float(predictions[0].is_correct.mean() - exact.is_correct.mean())
    card = ModelCard(
        name=settings.model.name,
        title=settings.model.title,
        summary=(
            f"A classifier of {len(dataset.label_names)} apparent expressions, trained "
            f"{_beginning(settings)} on 48x48 gray faces of {protocol.dataset}."
            f" {STATISTICS_SENTENCE}{_teachers(settings)}"
        ),
        architecture=settings.model.architecture,
        task="emotion",
        input_shape=(settings.image_size, settings.image_size, 1),
        labels=dataset.label_names,
        preprocessing=config,
        protocol=protocol,
        training=_training(run_dir, settings, history),
        parameters=stored.count_params(),
        flops=count_flops(stored),
        weights=describe_weights(folder / WEIGHTS_FILE, mantissa_bits, rounding_change),
        metrics=summary.metrics,
        seven_classes=summary.seven_classes,
        temperature=summary.temperature,
        label_smoothing=summary.label_smoothing,
        calibration=summary.calibration,
        data_license=data_license(protocol.dataset),
        intended_use=INTENDED_USE,
        out_of_scope_use=OUT_OF_SCOPE_USE,
        limits=limits_with_weakest_classes(
            (*general_limits(protocol.dataset), *_shortened(settings, history)),
            summary.metrics[protocol.report_split]["plain"],
        ),
    )
    (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
    (folder / "README.md").write_text(render_readme(card), encoding="utf-8")
    return card


def _beginning(settings: TrainingSettings) -> str:
    name = settings.model.pretrained
    return "from scratch" if name is None else f"from the weights of {name}"


def _teachers(settings: TrainingSettings) -> str:
    if settings.distillation is None:
        return ""
    teachers = ", ".join(Path(name).name for name in settings.distillation.teachers)
    return f" Distilled from {teachers}: trained on their predictions as well as the labels."


def _shortened(settings: TrainingSettings, history: list[Row]) -> tuple[str, ...]:
    if is_finished(settings, history):
        return ()
    return (
        f"Training was stopped after {len(history)} of {settings.schedule.epochs} epochs; the best "
        "of them was saved. The full schedule would probably score higher.",
    )


def _protocol(dataset: FaceDataset) -> Protocol:
    selection, report = (split_name(dataset, split) for split in (SELECTION_SPLIT, REPORT_SPLIT))
    return Protocol(
        dataset=_DATASETS.get(dataset.name, dataset.name.upper()),
        description=(
            "Trained on the Training split; epoch and temperature chosen on "
            f"{split_title(selection)}; scores reported on {split_title(report)}. Earlier uses of "
            f"that split are listed in {TEST_SET_LOG}. One seed."
        ),
        selection_split=selection,
        report_split=report,
    )


def _recipe(run_dir: Path, settings: TrainingSettings) -> dict[str, JsonValue]:
    """All settings; without `pretrained` if training started from random weights."""
    recipe: dict[str, JsonValue] = settings.model_dump(mode="json")
    if settings.model.pretrained is None:
        return recipe | {"model": settings.model.model_dump(mode="json", exclude={"pretrained"})}
    return recipe | {"pretrained_file": pretrained_file(run_dir)}


def _training(run_dir: Path, settings: TrainingSettings, history: list[Row]) -> Training:
    environment = json.loads((run_dir / ENVIRONMENT_FILE).read_text(encoding="utf-8"))
    best = best_epoch(settings, history)
    finished = datetime.fromtimestamp((run_dir / LAST_CHECKPOINT).stat().st_mtime, UTC)
    return Training(
        config=project_config(run_dir),
        recipe=_recipe(run_dir, settings),
        seed=settings.seed,
        epochs=len(history),
        best_epoch=best + 1 if best is not None else len(history),
        seconds=sum(row["seconds"] for row in history),
        hardware=environment["hardware"],
        libraries={"python": environment["python"], **environment["packages"]},
        commit=environment["code_commit"],
        finished=finished.date(),
    )


def main(
    run: Annotated[Path, typer.Option(help="Run directory of training.train.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes.")] = None,
    models_dir: Annotated[Path | None, typer.Option(help="Default: models/.")] = None,
    mantissa_bits: Annotated[int, typer.Option(min=1, max=23)] = MANTISSA_BITS,
    overwrite: OverwriteOption = False,
    final: FinalOption = False,
) -> None:
    """Creates a model folder from a finished run; see the module's docstring."""
    require_final(final, "Compare runs with `python -m training.score_run` first.")
    try:
        store = ModelStore(models_dir) if models_dir else ModelStore.default()
        dataset = read_dataset(data, ferplus)
        print_notes(dataset.notes)
        card = export(run, dataset, store, mantissa_bits=mantissa_bits, overwrite=overwrite)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    print_scores(card.metrics)
    folder, size = store.model_folder(card.name), card.weights.size_bytes / 1e6
    console.print(f"Wrote {shown(folder)} ({size:.1f} MB of weights).", markup=False)
    print_log_entry(card.name, card.protocol.report_split, card.reported)


if __name__ == "__main__":
    run_command(main)
