"""Puts the average face of each cell of the confusion matrix beside the saved models' answers.

    python -m training.artifacts.cell_averages --data fer2013.csv
    python -m training.artifacts.cell_averages --data fer2013.csv --model ensemble

For models that were saved without, and for ensembles, which are made without the dataset; export
and training.predict do it by themselves. It rewrites predictions.npz of every saved model, or of
those named, whose test faces are FER2013's: cells of the report split by plain answers. A cell of
few faces gets no average, so none shows somebody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fer_core.errors import FerError
from fer_core.fer2013 import DatasetFaces, has_faces, load_dataset_faces
from fer_core.zoo import PREDICTIONS_FILE, ModelStore, write_predictions
from training.artifacts.split_predictions import with_cell_averages
from training.terminal import console, print_error, run


def add_cell_averages(name: str, faces: DatasetFaces) -> int:
    """Rewrites one saved model's predictions.npz and returns how many cells have an average.

    Raises:
        ModelError: the model or its predictions cannot be read.
        DatasetError: the dataset does not have the rows that the model was scored on.
    """
    store = ModelStore.default()
    splits = store.load_predictions(name)
    report = splits[store.load_card(name).protocol.report_split]
    averaged = with_cell_averages(report, faces.take(report.row_id).images)
    splits[report.split] = averaged
    write_predictions(store.model_folder(name) / PREDICTIONS_FILE, splits.values())
    assert averaged.cell_averages is not None
    return int(averaged.cell_averages.any(axis=(2, 3)).sum())


def main(
    data: Annotated[Path, typer.Option(help="fer2013.csv or icml_face_data.csv, plain, gz, zip.")],
    model: Annotated[
        list[str] | None, typer.Option(help="Name of a saved model.", show_default="all")
    ] = None,
) -> None:
    """Puts average faces beside the saved models' answers; see the module's docstring."""
    try:
        cards = ModelStore.default().load_cards(model)
        faces = load_dataset_faces(data)
        for card in cards:
            if has_faces(card.protocol.report_split):
                cells = add_cell_averages(card.name, faces)
                console.print(f"{card.name}: {cells} of {len(card.labels) ** 2} cells")
            else:
                console.print(f"{card.name}: its test faces are not FER2013's")
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    run(main)
