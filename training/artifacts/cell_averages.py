"""Adds the average face of each confusion matrix cell to the saved models' predictions.

    python -m training.artifacts.cell_averages --data fer2013.csv
    python -m training.artifacts.cell_averages --data fer2013.csv --model ensemble

For models saved without these averages, and for ensembles, which are created without the dataset;
`training.export` and `training.predict` add them themselves. It rewrites predictions.npz of every
saved model, or of those named, that is tested on FER2013; cells are those of the test split without
test-time augmentation. Cells with few faces get no average, so that no average shows a person.
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
    """Rewrites one saved model's predictions.npz and returns the number of cells with an average.

    Raises:
        ModelError: the model or its predictions cannot be read.
        DatasetError: the dataset does not have the rows that the model was evaluated on.
    """
    store = ModelStore.default()
    splits = store.load_predictions(name)
    report = splits[store.load_scored_card(name).protocol.report_split]
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
    """Adds average faces to the saved models' predictions; see the module's docstring."""
    try:
        cards = ModelStore.default().load_scored_cards(model)
        faces = load_dataset_faces(data)
        for card in cards:
            if has_faces(card.protocol.report_split):
                cells = add_cell_averages(card.name, faces)
                console.print(f"{card.name}: {cells} of {len(card.labels) ** 2} cells")
            else:
                console.print(f"{card.name}: skipped, not tested on FER2013")
    except FerError as error:
        print_error(error)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    run(main)
