from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DatasetError
from fer_core.labels.emotions import CKPLUS
from tests.tiny_ckplus import write_cropped
from training.ckplus.folds import assert_apart, inner_rows, subject_folds
from training.datasets.ckplus import CkPlusDataset, read_ckplus


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> CkPlusDataset:
    return read_ckplus(write_cropped(tmp_path_factory.mktemp("ckplus"), subjects=12))


def test_subjects_and_sequences_stay_together(dataset: CkPlusDataset) -> None:
    fold = subject_folds(dataset, folds=5, seed=3)
    assert sorted(np.unique(fold)) == list(range(5))
    for column in (dataset.subject, dataset.sequence):
        for name in np.unique(column):
            assert len(np.unique(fold[column == name])) == 1


def test_the_result_depends_only_on_the_seed(dataset: CkPlusDataset) -> None:
    first, again = (subject_folds(dataset, folds=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (subject_folds(dataset, folds=5, seed=4) != first).any()


def test_a_subject_in_two_folds_is_caught(dataset: CkPlusDataset) -> None:
    fold = subject_folds(dataset, folds=5, seed=3)
    fold[0] = (fold[0] + 1) % 5
    with pytest.raises(AssertionError, match="S000 is in the folds"):
        assert_apart(dataset, fold)


def test_fewer_subjects_than_folds_are_rejected(dataset: CkPlusDataset) -> None:
    with pytest.raises(DatasetError, match="12 subjects"):
        subject_folds(dataset, folds=13, seed=3)


def test_real_folds_hold_every_emotion(real_ckplus: Path) -> None:
    dataset = read_ckplus(real_ckplus)
    fold = subject_folds(dataset, folds=10, seed=1)
    for number in range(10):
        rows = fold == number
        assert 60 <= rows.sum() <= 150
        assert len(np.unique(dataset.label[rows])) >= len(CKPLUS) - 1


@pytest.mark.parametrize("number", range(4))
def test_trying_a_config_excludes_the_held_out_people(dataset: CkPlusDataset, number: int) -> None:
    fold = subject_folds(dataset, folds=4, seed=1)
    learned, validation = inner_rows(fold, number)
    people = [
        set(dataset.subject[rows]) for rows in (learned, validation, np.flatnonzero(fold == number))
    ]
    assert all(people)
    assert sum(map(len, people)) == len(set.union(*people)) == len(np.unique(dataset.subject))


def test_a_config_is_not_tried_on_two_folds(dataset: CkPlusDataset) -> None:
    with pytest.raises(DatasetError, match="at least 3 folds"):
        inner_rows(subject_folds(dataset, folds=2, seed=1), 0)
