"""Analyzes folders of photos with several processes, into one table.

>>> from fer_core.batch import analyze_folder
>>> summary = analyze_folder("photos", "results.parquet", workers=4)
>>> summary.faces
1312
"""

from fer_core.batch.run import LONGEST_TIMEOUT_S, TIMEOUT_S, EngineName, analyze_folder
from fer_core.batch.summary import BatchSummary
from fer_core.batch.worker_pool import LostTask, run_in_workers

__all__ = [
    "LONGEST_TIMEOUT_S",
    "TIMEOUT_S",
    "BatchSummary",
    "EngineName",
    "LostTask",
    "analyze_folder",
    "run_in_workers",
]
