"""The training targets of each face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.datasets import FaceDataset, read_dataset, read_ferplus
from training.settings import SettingsError, TrainingSettings


def read_data(
    settings: TrainingSettings, data: Path, ferplus: Path | None
) -> tuple[FaceDataset, FaceDataset | None]:
    """Reads the data of a run: its dataset, and the FER+ votes of its faces for a second head.

    Args:
        settings: settings of the run. With `extra_votes` the dataset keeps its own labels.
        data: see `training.datasets.read_dataset`.
        ferplus: folder of FER+ votes.

    Raises:
        SettingsError: `extra_votes` without that folder.
        DatasetError: there is no dataset, or it has an error.
    """
    if settings.extra_votes is None:
        return read_dataset(data, ferplus), None
    if ferplus is None:
        raise SettingsError("extra_votes needs FER+: name its folder with --ferplus.")
    return read_dataset(data), read_ferplus(data, ferplus)


def training_targets(
    settings: TrainingSettings, faces: FaceDataset, ferplus: FaceDataset | None
) -> NDArray[np.float32]:
    """The distribution over the classes, then that of the votes if there is a second head.

    Args:
        settings: settings of the run.
        faces: the training split.
        ferplus: the votes, for `settings.extra_votes`.

    Returns:
        `(n, n_classes)`, or `(n, n_classes + n_votes)` with zeros for faces without votes.

    Raises:
        SettingsError: the votes are missing, or belong to different faces.
    """
    targets = one_hot_or_votes(faces)
    if settings.extra_votes is None:
        return targets
    if faces.name != "fer2013" or ferplus is None or ferplus.targets is None:
        raise SettingsError(
            "extra_votes needs FER2013 with its own labels and the votes of FER+. "
            f"Received: {faces.name} and {ferplus.name if ferplus else 'no votes'}."
        )
    return np.hstack([targets, _votes_of(faces, ferplus.row_id, ferplus.targets)])


def one_hot_or_votes(dataset: FaceDataset) -> NDArray[np.float32]:
    """The distribution over the dataset's own classes, `(n, n_classes)` float32."""
    if dataset.targets is not None:
        return dataset.targets
    return np.eye(len(dataset.label_names), dtype=np.float32)[dataset.labels]


def _votes_of(
    faces: FaceDataset, row_id: NDArray[np.int64], votes: NDArray[np.float32]
) -> NDArray[np.float32]:
    place = {row: index for index, row in enumerate(row_id.tolist())}
    found = np.array([place.get(row, len(votes)) for row in faces.row_id.tolist()], np.int64)
    with_none: NDArray[np.float32] = np.vstack([votes, np.zeros_like(votes[:1])])
    return with_none[found]
