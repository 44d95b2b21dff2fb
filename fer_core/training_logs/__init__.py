"""Training histories and curves, of own runs and from logs of other tools."""

from fer_core.training_logs.curves import CurveBand, InitialView, curve_band, initial_view
from fer_core.training_logs.history import Curve, History
from fer_core.training_logs.keras_csv import LARGEST_BYTES, LogFile, RejectedLog, read_logs
from fer_core.training_logs.runs import (
    LOCAL,
    RunDirectory,
    TrainingRun,
    best_epochs_frame,
    group_seeds,
    read_run,
    run_directories,
    saved_run,
    unique_titles,
)

__all__ = [
    "LARGEST_BYTES",
    "LOCAL",
    "Curve",
    "CurveBand",
    "History",
    "InitialView",
    "LogFile",
    "RejectedLog",
    "RunDirectory",
    "TrainingRun",
    "best_epochs_frame",
    "curve_band",
    "group_seeds",
    "initial_view",
    "read_logs",
    "read_run",
    "run_directories",
    "saved_run",
    "unique_titles",
]
