from __future__ import annotations

import keras
import numpy as np
import pytest

from fer_core.errors import DatasetError
from tests.stand_ins import FixedDetector
from tests.tiny_ckplus import write_release
from training.ckplus.losses import (
    ACTION_UNITS,
    EMOTION,
    PositiveWeightedCrossentropy,
    positive_weights,
    row_weights,
    targets,
)
from training.ckplus.settings import LossSettings
from training.datasets.ckplus import CkPlusDataset, read_ckplus


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> CkPlusDataset:
    folder = write_release(tmp_path_factory.mktemp("ckplus"))
    return read_ckplus(folder, detector=FixedDetector((30, 20, 90, 80)))


def test_rows_without_action_units_have_no_weight_in_that_head(dataset: CkPlusDataset) -> None:
    rows = np.arange(len(dataset))
    weights = row_weights(dataset, rows, LossSettings(), rows)
    np.testing.assert_array_equal(weights[ACTION_UNITS], dataset.is_coded)
    assert (weights[EMOTION] > 0).all()
    assert (targets(dataset, rows)[ACTION_UNITS] >= 0).all()


def test_rare_units_have_higher_but_limited_weights() -> None:
    action_units = np.zeros((100, 3), np.int8)
    action_units[:20, 0] = action_units[:1, 1] = action_units[:80, 2] = 1
    action_units[99] = -1
    settings = LossSettings(positive_weights="balanced", largest_positive_weight=10)
    assert positive_weights(action_units, settings) == pytest.approx([79 / 20, 10, 1])
    assert positive_weights(action_units, LossSettings()) == pytest.approx([1, 1, 1])
    with pytest.raises(DatasetError, match="no frame has known action units"):
        positive_weights(np.full((4, 3), -1, np.int8), settings)


def test_a_present_unit_is_weighted_in_the_loss() -> None:
    loss = PositiveWeightedCrossentropy(np.array([4.0, 1.0], np.float32), reduction=None)
    truth = np.array([[1, 0], [0, 0]], np.float32)
    predictions = np.full((2, 2), 0.5, np.float32)
    found = keras.ops.convert_to_numpy(loss(truth, predictions))
    assert found == pytest.approx(np.log(2) * np.array([(4 + 1) / 2, 1]), rel=1e-5)
