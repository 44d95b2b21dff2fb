"""Predictions from elsewhere: files of ids, labels and probabilities, read and checked."""

from fer_core.benchmark.importing.import_predictions import NO_PREDICTION, import_predictions
from fer_core.benchmark.importing.table import MAX_BYTES, TableFile

__all__ = ["MAX_BYTES", "NO_PREDICTION", "TableFile", "import_predictions"]
