from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.tiny_dataset import tiny_dataset
from training.datasets import FaceDataset, find_duplicates, twins_of_training


@pytest.fixture
def dataset() -> FaceDataset:
    """Rows 0-20 train, 21-34 valid, 35-48 test; row r has class r % 7."""
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[[7, 35]] = images[0]  # same class: twice in train, once in test
    images[41] = images[1]  # train angry's neighbour disgust, and neutral in test
    images[47] = images[22]  # valid and test, not train
    return replace(dataset, images=images)


def test_twins_of_training_are_test_rows_with_a_training_image(dataset: FaceDataset) -> None:
    assert twins_of_training(dataset).tolist() == [35, 41]
    assert twins_of_training(dataset, "valid").tolist() == []


def test_row_ids_are_reported_not_positions(dataset: FaceDataset) -> None:
    shifted = replace(dataset, row_id=dataset.row_id + 1000)
    assert twins_of_training(shifted).tolist() == [1035, 1041]


def test_duplicates_are_grouped_by_image(dataset: FaceDataset) -> None:
    frame = find_duplicates(dataset).to_frame()
    groups = sorted(frame.groupby("group")["row_id"].apply(list))
    assert groups == [[0, 7, 35], [1, 41], [22, 47]]
    assert list(frame.set_index("row_id").loc[41, ["split", "label"]]) == ["test", "neutral"]


def test_surplus_rows_are_those_beyond_the_first(dataset: FaceDataset) -> None:
    assert find_duplicates(dataset).n_surplus == 4


def test_conflicts_are_equal_images_with_different_labels(dataset: FaceDataset) -> None:
    conflicts = find_duplicates(dataset).conflicts()
    assert sorted(conflicts["row_id"]) == [1, 22, 41, 47]


def test_nothing_repeats_in_a_clean_dataset() -> None:
    duplicates = find_duplicates(tiny_dataset())
    assert duplicates.n_surplus == 0
    assert duplicates.to_frame().empty
    assert duplicates.conflicts().empty
    assert np.size(twins_of_training(tiny_dataset())) == 0
