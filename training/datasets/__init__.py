"""Readers for the datasets this project trains on; `read_dataset` chooses the reader."""

from training.datasets.dataset import IMAGE_SIZE, SPLITS, FaceDataset, Split, fingerprint
from training.datasets.duplicates import Duplicates, duplicates_of_training, find_duplicates
from training.datasets.fer2013_csv import SPLIT_OF
from training.datasets.ferplus import read_ferplus, read_image_names
from training.datasets.pictures import (
    files_below,
    is_hidden,
    list_files,
    read_picture,
    suffix_counts,
)
from training.datasets.read import read_dataset

__all__ = [
    "IMAGE_SIZE",
    "SPLITS",
    "SPLIT_OF",
    "Duplicates",
    "FaceDataset",
    "Split",
    "duplicates_of_training",
    "files_below",
    "find_duplicates",
    "fingerprint",
    "is_hidden",
    "list_files",
    "read_dataset",
    "read_ferplus",
    "read_image_names",
    "read_picture",
    "suffix_counts",
]
