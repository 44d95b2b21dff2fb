"""Chooses the reader for a dataset."""

from __future__ import annotations

from pathlib import Path

from fer_core.errors import DatasetError
from training.datasets.cache import cached
from training.datasets.dataset import FaceDataset
from training.datasets.fer2013_csv import find_fer2013_csv, read_fer2013_csv
from training.datasets.ferplus import read_ferplus
from training.datasets.folders import read_folders


def read_dataset(path: str | Path, ferplus: str | Path | None = None) -> FaceDataset:
    """Reads a dataset of faces in any supported format, through the cache.

    Args:
        path: `fer2013.csv` or `icml_face_data.csv` (plain, .gz or .zip), a folder with one of them,
            or a folder of pictures as described at `training.datasets.folders.read_folders`.
        ferplus: a folder of FER+ votes, which replace FER2013's labels; see
            `training.datasets.ferplus.read_ferplus`.

    Raises:
        DatasetError: there is no dataset, its format is unknown, or it has an error.
    """
    if ferplus is not None:
        return read_ferplus(path, ferplus)
    path = Path(path)
    csv_file = find_fer2013_csv(path)
    if csv_file is not None:
        return read_fer2013_csv(csv_file)
    if path.is_dir():
        return cached(path, read_folders)
    raise DatasetError(f"There is no dataset at {path}.")
