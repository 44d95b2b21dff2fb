"""The layout of a run directory, and loading its best classifier."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import keras
import pandas as pd

from fer_core.errors import DatasetError
from fer_core.paths import PROJECT
from training.datasets import FaceDataset
from training.networks import BatchNormEstimator, build_classifier
from training.run_directory import best_and_last as checkpoint_pair
from training.run_directory.checkpoints import Checkpoint, Row
from training.settings import TrainingSettings, read_settings

CONFIGS: Final = PROJECT / "training" / "configs"
CONFIG_FILE: Final = "config.toml"
HISTORY_FILE: Final = "history.csv"
ENVIRONMENT_FILE: Final = "environment.json"
LAST_CHECKPOINT: Final = checkpoint_pair.LAST_CHECKPOINT
BEST_CHECKPOINT: Final = checkpoint_pair.BEST_CHECKPOINT


def load_best(run_dir: Path, dataset: FaceDataset) -> tuple[TrainingSettings, keras.Model]:
    """Builds the classifier of a run with the weights of its best epoch.

    Its batch normalization statistics are estimated on training faces without augmentation, which
    runs of older versions did not save.

    Args:
        run_dir: a run directory of `training.train`.
        dataset: the dataset the run was trained on, for its classes.

    Raises:
        SettingsError: the run's config cannot be read.
        CheckpointError: the run has no best checkpoint yet, or one that is not in its history.
        DatasetError: `dataset` and the run have different numbers of classes.
    """
    settings = read_settings(run_dir / CONFIG_FILE)
    return settings, load_best_classifier(settings, run_dir, dataset)


def load_best_classifier(
    settings: TrainingSettings, run_dir: Path, dataset: FaceDataset
) -> keras.Model:
    """The same for a run with known settings.

    Raises:
        CheckpointError: the run has no best checkpoint yet, or one that is not in its history.
        DatasetError: `dataset` and the run have different numbers of classes.
    """
    weights = checkpoint_pair.load_best_checkpoint(run_dir, settings).weights
    n_classes = len(dataset.label_names)
    if weights[-1].shape != (n_classes,):
        raise DatasetError(
            f"{run_dir} was trained with {weights[-1].shape[0]} classes, but "
            f"{dataset.name} has {n_classes}."
        )
    classifier = build_classifier(
        settings.model, n_classes=n_classes, image_size=settings.image_size
    )
    classifier.set_weights(weights)
    config = settings.preprocessing.to_config(settings.image_size)
    BatchNormEstimator(classifier, dataset.subset("train").images, config).update(classifier)
    return classifier


def project_config(run_dir: Path) -> str | None:
    """Returns the path of the project's config that a run was started with, from the project root.

    None if it is not one of the project's configs, or has changed since.
    """
    own = (run_dir / CONFIG_FILE).read_bytes()
    paths = (path for path in sorted(CONFIGS.rglob("*.toml")) if path.read_bytes() == own)
    found = next(paths, None)
    return None if found is None else found.relative_to(CONFIGS.parents[1]).as_posix()


def read_history(run_dir: Path) -> list[Row]:
    """One row per finished epoch.

    Raises:
        CheckpointError: the run has no checkpoint yet.
    """
    return Checkpoint.load(run_dir / LAST_CHECKPOINT).history


def history_table(history: list[Row]) -> pd.DataFrame:
    """The history as the table in history.csv."""
    return pd.DataFrame(history).astype({"epoch": int})
