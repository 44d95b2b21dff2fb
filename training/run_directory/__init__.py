"""The files of a run: checkpoints, layout, environment, lock."""

from training.run_directory.best_and_last import complete_interrupted_save, save_checkpoints
from training.run_directory.checkpoints import Checkpoint, CheckpointError, Row, atomic_write_in_run
from training.run_directory.data_fingerprint import require_same_data, write_data_fingerprint
from training.run_directory.environment import write_environment
from training.run_directory.layout import (
    BEST_CHECKPOINT,
    CONFIG_FILE,
    CONFIGS,
    ENVIRONMENT_FILE,
    HISTORY_FILE,
    LAST_CHECKPOINT,
    history_table,
    load_best,
    load_best_classifier,
    project_config,
    read_history,
)
from training.run_directory.lock import lock_run_directory
from training.run_directory.preparation import prepare_run_dir
from training.run_directory.progress import best_epoch, is_finished
from training.run_directory.warm_start import (
    PRETRAINED_FILE,
    Weights,
    load_initial_weights,
    load_pretrained,
    pretrained_file,
)

__all__ = [
    "BEST_CHECKPOINT",
    "CONFIGS",
    "CONFIG_FILE",
    "ENVIRONMENT_FILE",
    "HISTORY_FILE",
    "LAST_CHECKPOINT",
    "PRETRAINED_FILE",
    "Checkpoint",
    "CheckpointError",
    "Row",
    "Weights",
    "atomic_write_in_run",
    "best_epoch",
    "complete_interrupted_save",
    "history_table",
    "is_finished",
    "load_best",
    "load_best_classifier",
    "load_initial_weights",
    "load_pretrained",
    "lock_run_directory",
    "prepare_run_dir",
    "pretrained_file",
    "project_config",
    "read_history",
    "require_same_data",
    "save_checkpoints",
    "write_data_fingerprint",
    "write_environment",
]
