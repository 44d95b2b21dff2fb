"""Computes the average face of each emotion over the training split: statistics, not photos.

    python -m training.assets.average_faces --data data/fer2013.csv

writes one 48x48 gray PNG per class to fer_core/assets/average_faces.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from fer_core.cli import OverwriteOption
from fer_core.errors import DatasetError, FerError
from fer_core.files import atomic_write, check_outputs, shown
from fer_core.paths import ASSETS
from fer_core.preprocessing import PreprocessingConfig, preprocess_batch
from training.datasets import FaceDataset, read_dataset
from training.terminal import run

OUTPUT: Final = ASSETS / "average_faces"
TAIL_PERCENT: Final = 0.5
"""Share of the pixels at either end that contrast stretching clips to black or white."""

_STANDARDIZE: Final = PreprocessingConfig(scaling="standardize")

app = typer.Typer()


def average_faces(dataset: FaceDataset) -> dict[str, NDArray[np.uint8]]:
    """Averages the training faces of each class.

    Returns:
        A `(48, 48)` uint8 image for each class, in label order.

    Raises:
        DatasetError: a class has no training faces.
    """
    train = dataset.subset("train")
    averages = {}
    for index, label in enumerate(train.label_names):
        faces = train.images[train.labels == index]
        if not len(faces):
            raise DatasetError(f"{dataset.name} has no training face of class {label}.")
        averages[label] = average_face(faces)
    return averages


def average_face(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Averages one or more `(n, 48, 48)` gray faces to one `(48, 48)` image.

    Each face is standardized first, so that dark and bright photos count the same. Averaging
    reduces contrast, so the average is stretched to the full range of gray.
    """
    return _stretch(preprocess_batch(faces, _STANDARDIZE)[..., 0].mean(axis=0))


def _stretch(average: NDArray[np.float32]) -> NDArray[np.uint8]:
    dark, bright = np.percentile(average, [TAIL_PERCENT, 100 - TAIL_PERCENT])
    stretched = np.clip((average - dark) / max(bright - dark, 1e-6), 0.0, 1.0)
    return np.asarray(np.round(stretched * 255), np.uint8)


def write_average_faces(
    dataset: FaceDataset, folder: Path, *, overwrite: bool = False
) -> list[Path]:
    """Writes `<folder>/<class>.png` for each class and returns the files.

    Raises:
        DatasetError: a class has no training faces.
        OutputError: a file exists and `overwrite` is false, or cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {label: folder / f"{label}.png" for label in dataset.label_names}
    check_outputs(files, overwrite=overwrite)
    for label, image in average_faces(dataset).items():
        with atomic_write(files[label]) as file:
            file.write(cv2.imencode(".png", image)[1].tobytes())
    return list(files.values())


@app.command()
def main(
    data: Annotated[Path, typer.Option(help="FER2013 file, or a folder of pictures.")],
    output: Annotated[Path, typer.Option(help="The folder to write to.")] = OUTPUT,
    overwrite: OverwriteOption = False,
) -> None:
    """Writes the average training face of each class as a PNG."""
    try:
        dataset = read_dataset(data)
        for note in dataset.notes:
            typer.echo(f"Note: {shown(note, keep_lines=True)}", err=True)
        files = write_average_faces(dataset, output, overwrite=overwrite)
    except FerError as error:
        typer.secho(shown(error, keep_lines=True), fg="red", err=True)
        raise typer.Exit(1) from error
    for file in files:
        typer.echo(shown(file))


if __name__ == "__main__":
    run(main)
