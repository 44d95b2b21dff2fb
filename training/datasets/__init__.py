"""Readers for the datasets this project trains on; `read_dataset` finds the right one."""

from training.datasets.csv_rows import read_rows
from training.datasets.dataset import IMAGE_SIZE, SPLITS, FaceDataset, Split, fingerprint
from training.datasets.duplicates import Duplicates, find_duplicates, twins_of_training
from training.datasets.fer2013_csv import parse_fer2013_csv
from training.datasets.ferplus import read_ferplus, read_image_names, seven_class_view
from training.datasets.pictures import is_hidden
from training.datasets.published_order import USAGES, usage_of
from training.datasets.read import read_dataset

__all__ = [
    "IMAGE_SIZE",
    "SPLITS",
    "USAGES",
    "Duplicates",
    "FaceDataset",
    "Split",
    "find_duplicates",
    "fingerprint",
    "is_hidden",
    "parse_fer2013_csv",
    "read_dataset",
    "read_ferplus",
    "read_image_names",
    "read_rows",
    "seven_class_view",
    "twins_of_training",
    "usage_of",
]
