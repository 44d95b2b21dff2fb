"""Creates a model folder from a finished CK+ run.

    python -m training.ckplus.export --run runs/ckplus_cnn --data CKPLUS_FOLDER

The saved weights were trained on all subjects, so they cannot be scored on any of them. The scores
in the card are out of fold: they come from the folds' weights, rounded like the saved ones. A model
that `training.compress` rounds further says so in its limits.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import keras
import typer

from fer_core.cli import OverwriteOption
from fer_core.errors import FerError
from fer_core.evaluation.scores import (
    SPLIT,
    CkPlusPredictions,
    ckplus_metrics,
    limits_with_weakest_units,
)
from fer_core.files import atomic_directory, shown
from fer_core.labels import CKPLUS, CKPLUS_ACTION_UNITS
from fer_core.zoo import (
    CARD_FILE,
    PREDICTIONS_FILE,
    WEIGHTS_FILE,
    ModelCard,
    ModelStore,
    Protocol,
    Training,
    write_ckplus_predictions,
)
from training.artifacts import (
    INTENDED_USE,
    OUT_OF_SCOPE_USE,
    describe_weights,
    general_limits,
    round_weights,
    save_compressed,
)
from training.ckplus.__main__ import print_scores
from training.ckplus.out_of_fold import predict_out_of_fold
from training.ckplus.run import CkPlusRun, open_run
from training.datasets.ckplus import CkPlusDataset, read_ckplus
from training.export import MANTISSA_BITS
from training.networks import count_flops
from training.publishing import render_readme
from training.run_directory import (
    BEST_CHECKPOINT,
    ENVIRONMENT_FILE,
    HISTORY_FILE,
    PRETRAINED_FILE,
    Checkpoint,
    project_config,
)
from training.terminal import console, print_error
from training.terminal import run as run_command

_LICENSE: Final = (
    "CK+ (Lucey et al. 2010, on Kanade et al. 2000) is given to researchers on request; its images "
    "are not included in this folder. The initial weights come from a model trained on FER2013, "
    "whose images are for research only."
)


def export(
    run_dir: Path,
    dataset: CkPlusDataset,
    store: ModelStore,
    *,
    mantissa_bits: int = MANTISSA_BITS,
    overwrite: bool = False,
) -> ModelCard:
    """Creates a saved model from a finished run, atomically.

    Args:
        run_dir: a run directory of `training.ckplus`.
        dataset: the dataset it was trained on.
        store: where the model is saved.
        mantissa_bits: explicit mantissa bits kept by weights of rank 2 or higher (1-23).
        overwrite: replace an existing folder of this name.

    Raises:
        OutputError: the folder exists and `overwrite` is false, or it cannot be created.
        FerError: the run is not finished or cannot be used.
    """
    keras.utils.clear_session()  # restarts layer numbering at 1, so the file is reproducible
    run = open_run(dataset, run_dir)
    final = Checkpoint.load(run_dir / BEST_CHECKPOINT)
    exact = predict_out_of_fold(run)
    predictions = predict_out_of_fold(run, mantissa_bits=mantissa_bits)
    with atomic_directory(
        store.folder, run.settings.model.name, "The saved model", overwrite=overwrite
    ) as folder:
        run.model.set_weights(final.weights)
        round_weights(run.model, mantissa_bits)
        save_compressed(run.model, folder / WEIGHTS_FILE)
        write_ckplus_predictions(folder / PREDICTIONS_FILE, predictions)
        shutil.copyfile(run_dir / HISTORY_FILE, folder / HISTORY_FILE)
        change = _accuracy(predictions) - _accuracy(exact)
        card = _card(run, final, predictions, folder / WEIGHTS_FILE, mantissa_bits, change)
        (folder / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
        (folder / "README.md").write_text(render_readme(card), encoding="utf-8")
    return card


def _accuracy(predictions: CkPlusPredictions) -> float:
    return float(predictions.by_sequence().emotion.is_correct.mean())


def _card(
    run: CkPlusRun,
    final: Checkpoint,
    predictions: CkPlusPredictions,
    weights: Path,
    mantissa_bits: int,
    rounding_change: float,
) -> ModelCard:
    settings = run.settings
    pretrained = ModelStore.default().load_scored_card(settings.model.pretrained)
    metrics = ckplus_metrics(predictions)
    return ModelCard(
        name=settings.model.name,
        title=settings.model.title,
        summary=(
            f"Predicts {len(CKPLUS)} apparent expressions and {len(CKPLUS_ACTION_UNITS)} facial "
            f"action units from 48x48 gray faces; fine-tuned on CK+ from the weights of "
            f"{pretrained.name}."
        ),
        architecture=pretrained.architecture,
        task="emotion+action_units",
        input_shape=pretrained.input_shape,
        labels=CKPLUS,
        action_units=CKPLUS_ACTION_UNITS,
        preprocessing=run.preprocessing,
        protocol=Protocol(
            dataset="CK+",
            description=(
                f"Peak frames of {metrics.sequences} posed sequences of {metrics.subjects} "
                "subjects; one prediction per sequence, the mean of the probabilities of its "
                f"frames. Scores are out of fold ({metrics.folds}-fold cross-validation by "
                "subject); the saved weights were trained on all subjects with the same settings. "
                "No epoch and no threshold was chosen on held-out subjects; the settings were not "
                "chosen by nested cross-validation. One seed."
            ),
            selection_split=SPLIT,
            report_split=SPLIT,
        ),
        training=_training(run, final),
        parameters=run.model.count_params(),
        flops=count_flops(run.model),
        weights=describe_weights(weights, mantissa_bits, rounding_change),
        metrics={SPLIT: {"plain": metrics.by_sequence.emotion}},
        ckplus=metrics,
        data_license=_LICENSE,
        intended_use=INTENDED_USE,
        out_of_scope_use=OUT_OF_SCOPE_USE,
        limits=limits_with_weakest_units(general_limits("CK+"), metrics),
    )


def _training(run: CkPlusRun, final: Checkpoint) -> Training:
    environment = json.loads((run.folder / ENVIRONMENT_FILE).read_text(encoding="utf-8"))
    pretrained = json.loads((run.folder / PRETRAINED_FILE).read_text(encoding="utf-8"))
    seconds = sum(float(history["seconds"].sum()) for history in run.histories())
    finished = datetime.fromtimestamp((run.folder / BEST_CHECKPOINT).stat().st_mtime, UTC)
    return Training(
        config=project_config(run.folder),
        recipe=run.settings.model_dump(mode="json") | {"pretrained_file": pretrained},
        seed=run.settings.seed,
        epochs=run.settings.epochs,
        best_epoch=run.settings.epochs,
        seconds=seconds + sum(row["seconds"] for row in final.history),
        hardware=environment["hardware"],
        libraries={"python": environment["python"], **environment["packages"]},
        commit=environment["code_commit"],
        finished=finished.date(),
    )


def main(
    run: Annotated[Path, typer.Option(help="Run directory of training.ckplus.")],
    data: Annotated[Path, typer.Option(help="The CK+ folder it was trained on.")],
    models_dir: Annotated[Path | None, typer.Option(help="Default: models/.")] = None,
    mantissa_bits: Annotated[int, typer.Option(min=1, max=23)] = MANTISSA_BITS,
    overwrite: OverwriteOption = False,
) -> None:
    """Creates a model folder from a finished CK+ run; see the module's docstring."""
    try:
        store = ModelStore(models_dir) if models_dir else ModelStore.default()
        dataset = read_ckplus(data)
        card = export(run, dataset, store, mantissa_bits=mantissa_bits, overwrite=overwrite)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if card.ckplus is not None:
        print_scores(card.ckplus)
    folder, size = store.model_folder(card.name), card.weights.size_bytes / 1e6
    console.print(f"Wrote {shown(folder)} ({size:.1f} MB of weights).", markup=False)


if __name__ == "__main__":
    run_command(main)
