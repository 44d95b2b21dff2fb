"""The FER2013 file: its rows and test faces."""

from fer_core.fer2013.csv_file import find_fer2013_file, read_rows
from fer_core.fer2013.published_rows import (
    NO_ROW,
    ROWS_FILE,
    PublishedRows,
    RowMatch,
    checksums_of,
    load_published_rows,
    write_published_rows,
)
from fer_core.fer2013.table import Fer2013Table, load_table
from fer_core.fer2013.test_split_faces import (
    DatasetFaces,
    find_dataset,
    has_faces,
    load_dataset_faces,
)

__all__ = [
    "NO_ROW",
    "ROWS_FILE",
    "DatasetFaces",
    "Fer2013Table",
    "PublishedRows",
    "RowMatch",
    "checksums_of",
    "find_dataset",
    "find_fer2013_file",
    "has_faces",
    "load_dataset_faces",
    "load_published_rows",
    "load_table",
    "read_rows",
    "write_published_rows",
]
