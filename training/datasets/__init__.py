"""Readers for the datasets this project trains on; `read_dataset` finds the right one."""

from __future__ import annotations

from pathlib import Path

from fer_core.errors import DatasetError
from training.datasets.cache import cached
from training.datasets.dataset import SPLITS, FaceDataset, Split
from training.datasets.fer2013_csv import read_fer2013_csv

__all__ = ["SPLITS", "FaceDataset", "Split", "read_dataset"]


def read_dataset(path: str | Path) -> FaceDataset:
    """Reads a dataset of faces, whatever form it has, through the cache.

    Args:
        path: `fer2013.csv` or `icml_face_data.csv` (plain, .gz or .zip).

    Raises:
        DatasetError: nothing there, nothing known there, or a defect in it.
    """
    path = Path(path)
    if path.is_file():
        return cached(path, read_fer2013_csv)
    raise DatasetError(f"There is no dataset at {path}.")
