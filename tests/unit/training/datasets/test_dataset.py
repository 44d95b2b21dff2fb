from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fer_core.errors import DatasetError
from tests.tiny_dataset import tiny_dataset


def test_a_subset_keeps_every_column_in_step() -> None:
    dataset = tiny_dataset()
    targets = np.eye(7, dtype=np.float32)[dataset.labels]
    valid = replace(dataset, targets=targets).subset("valid")
    assert len(valid) == 14
    assert set(valid.split) == {"valid"}
    assert valid.targets is not None
    np.testing.assert_array_equal(valid.targets.argmax(axis=1), valid.labels)
    np.testing.assert_array_equal(valid.images, dataset.images[valid.row_id])
    np.testing.assert_array_equal(valid.labels, dataset.labels[valid.row_id])


def test_a_missing_split_is_named_with_those_that_exist() -> None:
    with pytest.raises(DatasetError, match=r"tiny has no valid split\. It has: train"):
        tiny_dataset().subset("train").subset("valid")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("images", np.zeros((49, 32, 32), np.uint8), r"images must have shape \(49, 48, 48\)"),
        ("images", np.zeros((49, 48, 48), np.float32), "dtype uint8"),
        ("labels", np.zeros(3, np.int64), r"labels must have shape \(49,\)"),
        ("labels", np.full(49, 7, np.int64), r"labels must lie in 0\.\.6. Received: 7\.\.7"),
        ("labels", np.full(49, -1, np.int64), r"Received: -1\.\.-1"),
        ("split", np.full(49, "dev"), "split must be one of train, valid, test. Received: dev"),
        ("row_id", np.zeros(49, np.int64), "row_id must not repeat"),
        ("targets", np.ones((49, 7), np.float32), "every row of targets must sum to 1"),
        ("targets", np.ones((49, 8), np.float32), r"targets must have shape \(49, 7\)"),
    ],
)
def test_columns_that_do_not_fit_are_rejected(column: str, value: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        replace(tiny_dataset(), **{column: value})
