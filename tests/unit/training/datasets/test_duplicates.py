from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.tiny_dataset import tiny_dataset
from training.datasets import FaceDataset, duplicates_of_training, find_duplicates


@pytest.fixture
def dataset() -> FaceDataset:
    """Rows 0-20 train, 21-34 valid, 35-48 test; row r has class r % 7."""
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[[7, 35]] = images[0]  # same class: twice in train, once in test
    images[41] = images[1]  # a training row of disgust, and neutral in test
    images[47] = images[22]  # valid and test, not train
    return replace(dataset, images=images)


def test_train_test_duplicates_are_test_rows_with_a_training_image(dataset: FaceDataset) -> None:
    assert duplicates_of_training(dataset).tolist() == [35, 41]
    assert duplicates_of_training(dataset, "valid").tolist() == []


def test_row_ids_are_reported_not_positions(dataset: FaceDataset) -> None:
    shifted = replace(dataset, row_id=dataset.row_id + 1000)
    assert duplicates_of_training(shifted).tolist() == [1035, 1041]


def test_duplicates_are_grouped_by_image(dataset: FaceDataset) -> None:
    duplicates = find_duplicates(dataset)
    rows = zip(duplicates.split.tolist(), duplicates.label.tolist(), strict=True)
    groups: dict[int, list[tuple[str, str]]] = {}
    for group, row in zip(duplicates.group.tolist(), rows, strict=True):
        groups.setdefault(group, []).append(row)
    assert sorted(groups.values()) == [
        [("train", "angry"), ("train", "angry"), ("test", "angry")],
        [("train", "disgust"), ("test", "neutral")],
        [("valid", "disgust"), ("test", "surprise")],
    ]


def test_surplus_rows_are_those_beyond_the_first(dataset: FaceDataset) -> None:
    assert find_duplicates(dataset).n_surplus == 4


def test_conflicts_are_identical_images_with_different_labels(dataset: FaceDataset) -> None:
    assert find_duplicates(dataset).n_in_conflict == 2


def test_nothing_repeats_in_a_clean_dataset() -> None:
    duplicates = find_duplicates(tiny_dataset())
    assert duplicates.n_surplus == 0
    assert duplicates.n_in_conflict == 0
    assert len(duplicates.group) == 0
    assert np.size(duplicates_of_training(tiny_dataset())) == 0
