"""Tables from elsewhere, read and checked: predictions, labels, columns to slice by."""

from fer_core.benchmark.importing.import_predictions import NO_PREDICTION, import_predictions
from fer_core.benchmark.importing.table import (
    MAX_BYTES,
    Column,
    Table,
    TableFile,
    slicing_column,
)
from fer_core.benchmark.importing.table_formats import read_table

__all__ = [
    "MAX_BYTES",
    "NO_PREDICTION",
    "Column",
    "Table",
    "TableFile",
    "import_predictions",
    "read_table",
    "slicing_column",
]
