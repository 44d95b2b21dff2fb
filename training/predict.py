"""Predicts a saved model's splits again; with --final, updates its predictions and scores.

    python -m training.predict --model cnn --data fer2013.csv
    python -m training.predict --model cnn --data fer2013.csv --final

The first command checks on the validation split that the saved file reproduces the saved
probabilities on this machine: it prints the largest difference and writes nothing. The second also
predicts the test split and replaces predictions and card atomically, for example after a change of
the evaluation protocol.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer

from fer_core.errors import DatasetError, FerError
from fer_core.evaluation import SplitPredictions
from fer_core.zoo import PREDICTIONS_FILE, ModelStore, write_predictions
from training.artifacts import predict_split, splits_to_score, updated_model_folder
from training.datasets import read_dataset
from training.results import rescore
from training.score_run import print_scores
from training.terminal import FinalOption, console, print_error, print_log_entry, print_notes, run


def main(
    model: Annotated[str, typer.Option(help="Name of a saved model.")],
    data: Annotated[Path, typer.Option(help="The dataset it was trained on.")],
    ferplus: Annotated[Path | None, typer.Option(help="Folder of FER+ votes.")] = None,
    final: FinalOption = False,
) -> None:
    """Predicts a saved model's splits again; see the module's docstring."""
    try:
        store = ModelStore.default()
        card = store.load_scored_card(model)
        dataset = read_dataset(data, ferplus)
        print_notes(dataset.notes)
        if dataset.label_names != card.labels:
            raise DatasetError(
                f"Expected the classes of {model}: {', '.join(card.labels)}. "
                f"Received: {', '.join(dataset.label_names)} ({dataset.name})"
            )
        network = keras.models.load_model(store.verified_weights(model), compile=False)
        predictions = [
            predict_split(network, dataset, split, card.preprocessing)
            for split in splits_to_score(final)
        ]
        stored = store.load_predictions(model)
        console.print(f"Largest change of a probability: {_change(stored, predictions):.1e}")
        if not final:
            return
        with updated_model_folder(model) as folder:
            write_predictions(folder / PREDICTIONS_FILE, predictions)
            card = rescore(folder, card)
        print_scores(card.metrics)
        print_log_entry(model, card.protocol.report_split, card.reported)
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
