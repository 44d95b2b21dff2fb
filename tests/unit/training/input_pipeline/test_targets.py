from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.labels.emotions import FERPLUS
from tests.tiny_dataset import tiny_dataset
from tests.unit.training.settings import tiny_settings
from training.datasets import FaceDataset
from training.input_pipeline.targets import one_hot_or_votes, read_data, training_targets
from training.settings import SettingsError

WITH_VOTES = tiny_settings(extra_votes={"weight": 0.5})


def fer2013() -> FaceDataset:
    return replace(tiny_dataset(), name="fer2013")


def ferplus(rows: list[int]) -> FaceDataset:
    """Votes for these rows only, each for the class with its number."""
    faces = tiny_dataset()
    return FaceDataset(
        name="ferplus",
        images=faces.images[rows],
        labels=np.array(rows) % 8,
        label_names=FERPLUS,
        split=faces.split[rows],
        row_id=faces.row_id[rows],
        targets=np.eye(8, dtype=np.float32)[np.array(rows) % 8],
    )


def test_votes_are_joined_with_the_labels_of_their_face() -> None:
    faces = fer2013().subset("train")
    targets = training_targets(WITH_VOTES, faces, ferplus([9, 2, 5]))
    np.testing.assert_array_equal(targets[:, :7], one_hot_or_votes(faces))
    voted = np.flatnonzero(targets[:, 7:].sum(axis=1))
    assert voted.tolist() == [2, 5, 9]
    assert targets[voted, 7:].argmax(axis=1).tolist() == [2, 5, 1]


def test_votes_are_ignored_without_the_setting() -> None:
    faces = fer2013().subset("train")
    assert training_targets(tiny_settings(), faces, ferplus([1])).shape == (len(faces), 7)


def test_votes_of_another_dataset_are_rejected() -> None:
    with pytest.raises(SettingsError, match="needs FER2013"):
        training_targets(WITH_VOTES, tiny_dataset(), ferplus([1]))


def test_missing_votes_are_reported_with_the_option() -> None:
    with pytest.raises(SettingsError, match="--ferplus"):
        read_data(WITH_VOTES, Path("fer2013.csv"), None)
