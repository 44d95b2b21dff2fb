"""Runs a saved model over the dataset again and rescores its folder.

    python -m training.predict --model cnn --data fer2013.csv

For a new evaluation protocol, or to check on another machine that the stored file gives the stored
probabilities: the largest difference from them is printed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer

from fer_core.errors import DatasetError, FerError
from fer_core.evaluation.predictions import (
    PREDICTIONS_FILE,
    SplitPredictions,
    read_predictions,
    write_predictions,
)
from fer_core.zoo import load_card, models_directory, verified_weights
from training.console import console, print_error, print_notes, run
from training.datasets import read_dataset
from training.evaluate import REPORT_SPLIT, SELECTION_SPLIT, predict_split, print_scores
from training.results import rescore


def main(
    model: Annotated[str, typer.Option(help="Name of a saved model.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes to use.")] = None,
) -> None:
    """Runs a saved model over the dataset again; see the module's docstring."""
    try:
        card = load_card(model)
        dataset = read_dataset(data, ferplus)
        print_notes(dataset.notes)
        if dataset.label_names != card.labels:
            raise DatasetError(
                f"{model} knows {', '.join(card.labels)}. "
                f"{dataset.name} has {', '.join(dataset.label_names)}."
            )
        network = keras.models.load_model(verified_weights(model), compile=False)
        predictions = [
            predict_split(network, dataset, split, card.preprocessing)
            for split in (SELECTION_SPLIT, REPORT_SPLIT)
        ]
        folder = models_directory() / model
        stored = read_predictions(folder / PREDICTIONS_FILE, card.labels)
        console.print(f"Largest change of a probability: {_change(stored, predictions):.1e}")
        write_predictions(folder / PREDICTIONS_FILE, predictions)
        print_scores(rescore(folder, card).metrics)
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error


def _change(stored: dict[str, SplitPredictions], new: list[SplitPredictions]) -> float:
    differences = [
        np.abs(split.probabilities - stored[split.split].probabilities).max()
        for split in new
        if split.split in stored and len(split) == len(stored[split.split])
    ]
    return float(max(differences, default=np.nan))


if __name__ == "__main__":
    run(main)
