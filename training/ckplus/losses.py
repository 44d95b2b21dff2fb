"""Targets and weights of each row in each head's loss."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.labels import CKPLUS
from training.ckplus.settings import LossSettings
from training.datasets.ckplus import CkPlusDataset
from training.input_pipeline import class_weights

Columns = dict[str, NDArray[np.float32]]
"""One array per head, by `EMOTION` and `ACTION_UNITS`."""

EMOTION = "emotion"
ACTION_UNITS = "action_units"


class PositiveWeightedCrossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Binary cross-entropy, averaged over the units, with a higher weight for present units.

    Args:
        positive_weights: `(u,)` float32.
    """

    def __init__(self, positive_weights: NDArray[np.float32], **options: Any) -> None:
        super().__init__(**options)
        self._extra = positive_weights[None, :] - 1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Maps `(n, u)` zeros and ones and `(n, u)` probabilities to `(n,)` losses."""
        losses = keras.ops.binary_crossentropy(y_true, y_pred)
        extra = keras.ops.convert_to_tensor(self._extra)
        return keras.ops.mean((1 + extra * y_true) * losses, axis=-1)


def targets(dataset: CkPlusDataset, rows: NDArray[np.int64]) -> Columns:
    """Targets of the heads for these rows: `(n, 7)` and `(n, 15)` zeros and ones.

    Unknown action units are 0 here and have weight 0 (`row_weights`).
    """
    return {
        EMOTION: np.eye(len(CKPLUS), dtype=np.float32)[dataset.label[rows]],
        ACTION_UNITS: np.maximum(dataset.action_units[rows], 0).astype(np.float32),
    }


def row_weights(
    dataset: CkPlusDataset, rows: NDArray[np.int64], settings: LossSettings, learned: NDArray[Any]
) -> Columns:
    """Sample weights of the rows in each head: `(n,)` each.

    Args:
        dataset: all of CK+.
        rows: the positions to weight.
        settings: how classes are weighted.
        learned: the training positions, whose class frequencies are used.
    """
    one_hot = np.eye(len(CKPLUS), dtype=np.float32)
    by_class = class_weights(one_hot[dataset.label[learned]], settings.class_weights)
    return {
        EMOTION: by_class[dataset.label[rows]],
        ACTION_UNITS: dataset.is_coded[rows].astype(np.float32),
    }


def positive_weights(action_units: NDArray[np.int8], settings: LossSettings) -> NDArray[np.float32]:
    """Weights of present units relative to absent ones: `(u,)`.

    Args:
        action_units: `(n, u)` of the training rows.
        settings: the weighting rule.

    Raises:
        DatasetError: the action units of no row are known.
    """
    coded = action_units[(action_units >= 0).all(axis=1)]
    if len(coded) == 0:
        raise DatasetError("CK+: action units cannot be trained: no frame has known action units.")
    frequency = np.clip(coded.mean(axis=0), 1e-6, 1 - 1e-6)
    exponent = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[settings.positive_weights]
    weights = ((1 - frequency) / frequency) ** exponent
    return np.asarray(np.clip(weights, 1, settings.largest_positive_weight), np.float32)
