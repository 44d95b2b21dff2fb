"""Scores the best epoch of a run on the validation split, and with --final on the test split too.

    python -m training.evaluate --run runs/cnn --data fer2013.csv
    python -m training.evaluate --run runs/cnn --data fer2013.csv --final

Writes predictions.npz and metrics.json into the run directory and prints the scores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import keras
import numpy as np
import typer
from numpy.typing import NDArray
from rich.table import Table

from fer_core.errors import FerError
from fer_core.evaluation.predictions import (
    PREDICTIONS_FILE,
    SplitPredictions,
    write_predictions,
)
from fer_core.evaluation.result_types import ClassificationMetrics, EvaluationProtocol
from fer_core.files.atomic import replace_text
from fer_core.files.output_files import check_outputs
from fer_core.imaging.preprocessing import PreprocessingConfig, preprocess_batch
from fer_core.zoo.summary import summarize
from training.artifacts.cell_averages import with_cell_averages
from training.datasets import FaceDataset, read_dataset, twins_of_training
from training.run_directory.layout import load_best
from training.terminal.console import console, print_error, print_notes
from training.terminal.console import run as run_command
from training.terminal.final import FinalOption, print_log_entry

METRICS_FILE = "metrics.json"
HeldOutSplit = Literal["valid", "test"]
SELECTION_SPLIT: Final = "valid"
REPORT_SPLIT: Final = "test"
_BATCH_SIZE = 256
_CROP_SHARE = 44 / 48
_SPLIT_NAMES: Final = {
    ("fer2013", "valid"): "fer2013_public_test",
    ("fer2013", "test"): "fer2013_private_test",
}

Metrics = dict[str, dict[EvaluationProtocol, ClassificationMetrics]]
"""Scores by split, then by evaluation protocol."""


def split_name(dataset: FaceDataset, split: HeldOutSplit) -> str:
    """What a split is called in predictions.npz: `fer2013_private_test`, `ferplus_valid`..."""
    return _SPLIT_NAMES.get((dataset.name, split), f"{dataset.name}_{split}")


def splits_to_score(final: bool) -> tuple[HeldOutSplit, ...]:
    """Returns the validation split, and with `--final` the test split behind it."""
    return (SELECTION_SPLIT, REPORT_SPLIT) if final else (SELECTION_SPLIT,)


def predict_split(
    model: keras.Model, dataset: FaceDataset, split: HeldOutSplit, config: PreprocessingConfig
) -> SplitPredictions:
    """Classifies one split under every evaluation protocol.

    Only the report split gets ten crops, which nothing is chosen by, and the average faces of its
    cells.

    Args:
        model: from `(n, size, size, 1)` faces to probabilities.
        dataset: with all its splits, so that exact copies of training faces can be marked.
        split: which one to classify.
        config: how the model's faces are prepared.
    """
    faces = dataset.subset(split)
    inputs = preprocess_batch(faces.images, config)
    plain = _predict(model, inputs)
    mirrored = _predict(model, inputs[:, :, ::-1])
    predictions = SplitPredictions(
        split=split_name(dataset, split),
        labels=dataset.label_names,
        row_id=faces.row_id,
        label=faces.labels,
        probabilities=plain,
        probabilities_flip=np.asarray((plain + mirrored) / 2, np.float32),
        probabilities_crops=(
            _predict_crops(model, faces.images, config) if split == REPORT_SPLIT else None
        ),
        has_training_twin=np.isin(faces.row_id, twins_of_training(dataset, split)),
    )
    return with_cell_averages(predictions, faces.images) if split == REPORT_SPLIT else predictions


def _predict_crops(
    model: keras.Model, images: NDArray[np.uint8], config: PreprocessingConfig
) -> NDArray[np.float32]:
    """The mean over ten windows: four corners and the center, each also mirrored."""
    full = images.shape[1]
    side = round(full * _CROP_SHARE)
    last = full - side
    total = np.zeros(1, np.float32)
    corners = ((0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 2))
    for top, left in corners:
        inputs = preprocess_batch(images[:, top : top + side, left : left + side], config)
        total = total + _predict(model, inputs) + _predict(model, inputs[:, :, ::-1])
    return np.asarray(total / (2 * len(corners)), np.float32)


def _predict(model: keras.Model, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.predict(inputs, batch_size=_BATCH_SIZE, verbose=0), np.float32)


def print_scores(metrics: Metrics) -> None:
    """Prints one line per split and protocol."""
    table = Table("split", "protocol", "accuracy (95 %)", "macro F1 (95 %)", box=None)
    for split, protocols in metrics.items():
        for protocol, scores in protocols.items():
            table.add_row(split, protocol, scores.accuracy.percent(), scores.macro_f1.percent())
    console.print(table)


def main(
    run: Annotated[Path, typer.Option(help="Run directory that training.train made.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes to use.")] = None,
    final: FinalOption = False,
) -> None:
    """Scores the best epoch of a run; see the module's docstring."""
    try:
        dataset = read_dataset(data, ferplus)
        print_notes(dataset.notes)
        settings, model = load_best(run, dataset)
        check_outputs({"--run": run / PREDICTIONS_FILE}, overwrite=True)
        config = settings.preprocessing.to_config(settings.image_size)
        splits = splits_to_score(final)
        predictions = [predict_split(model, dataset, split, config) for split in splits]
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error
    selection, report = (split_name(dataset, split) for split in (splits[0], splits[-1]))
    summary = summarize(predictions, selection, report)
    write_predictions(run / PREDICTIONS_FILE, predictions)
    replace_text(run / METRICS_FILE, summary.model_dump_json(indent=2) + "\n")
    print_scores(summary.metrics)
    if final:
        print_log_entry(f"run {run.name}", report, summary.metrics[report]["plain"])


if __name__ == "__main__":
    run_command(main)
