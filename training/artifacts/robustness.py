"""Measures the robustness of the saved models to corruptions, on a fixed sample of the test split.

    python -m training.artifacts.robustness --data fer2013.csv
    python -m training.artifacts.robustness --data fer2013.csv --model cnn

Writes models/<name>/robustness.npz for every saved model, or for those named, that is tested on
FER2013, unless the file is up to date. 51 versions of 700 faces: this takes minutes, longer for
larger models.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fer_core.errors import FerError
from fer_core.evaluation.reliability import draw_sample, measure_robustness
from fer_core.fer2013 import DatasetFaces, has_faces, load_dataset_faces
from fer_core.zoo import (
    ROBUSTNESS_FILE,
    ModelCard,
    ModelStore,
    load_classifier,
    write_robustness,
)
from training.terminal import run

console = Console()


def main(
    data: Annotated[Path, typer.Option(help="fer2013.csv or icml_face_data.csv, plain, gz, zip.")],
    model: Annotated[
        list[str] | None, typer.Option(help="Name of a saved model.", show_default="all")
    ] = None,
    again: Annotated[bool, typer.Option(help="Measure again even if up to date.")] = False,
) -> None:
    """Measures the robustness of the saved models; see the module's docstring."""
    try:
        store = ModelStore.default()
        cards = store.load_scored_cards(model)
        faces = load_dataset_faces(data)
        for card in cards:
            stored = store.load_robustness(card.name)
            if not has_faces(card.protocol.report_split):
                console.print(f"{card.name}: skipped, not tested on FER2013")
            elif stored is not None and stored.is_current(card.weights.sha256) and not again:
                console.print(f"{card.name}: up to date")
            else:
                measure(card, faces)
    except FerError as error:
        console.print(f"[red]Error:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


def measure(card: ModelCard, faces: DatasetFaces) -> None:
    """Measures one model and writes its robustness.npz.

    Raises:
        ModelError: the model or its predictions cannot be loaded.
        DatasetError: the dataset does not have the rows that the model was evaluated on.
    """
    store = ModelStore.default()
    sample = draw_sample(store.load_predictions(card.name)[card.protocol.report_split])
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(card.title, total=1.0)
        result = measure_robustness(
            load_classifier(card.name).predict_crops,
            sample,
            faces.take(sample.row_id).images,
            model=card.name,
            weights=card.weights.sha256,
            progress=lambda part: progress.update(task, completed=part),
        )
    write_robustness(store.model_folder(card.name) / ROBUSTNESS_FILE, result)
    stored = float(sample.is_correct.mean())
    console.print(
        f"{card.name}: {result.mean_accuracy(0).value:.1%} uncorrupted ({stored:.1%} in its saved "
        f"predictions); {result.mean_accuracy().percent()} on average over the corruptions"
    )


if __name__ == "__main__":
    run(main)
