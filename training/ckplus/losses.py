"""What each row counts in each head's loss."""

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
    """Binary cross-entropy, a mean over the units, in which a unit that is there counts more.

    Args:
        positive_weights: `(u,)` float32.
    """

    def __init__(self, positive_weights: NDArray[np.float32], **options: Any) -> None:
        super().__init__(**options)
        self._extra = positive_weights[None, :] - 1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """From `(n, u)` zeros and ones and `(n, u)` probabilities to `(n,)` losses."""
        losses = keras.ops.binary_crossentropy(y_true, y_pred)
        extra = keras.ops.convert_to_tensor(self._extra)
        return keras.ops.mean((1 + extra * y_true) * losses, axis=-1)


def targets(dataset: CkPlusDataset, rows: NDArray[np.int64]) -> Columns:
    """What the heads are to say of these rows: `(n, 7)` and `(n, 15)` zeros and ones.

    Action units that are not known are 0 here and weigh nothing (`row_weights`).
    """
    return {
        EMOTION: np.eye(len(CKPLUS), dtype=np.float32)[dataset.label[rows]],
        ACTION_UNITS: np.maximum(dataset.action_units[rows], 0).astype(np.float32),
    }


def row_weights(
    dataset: CkPlusDataset, rows: NDArray[np.int64], settings: LossSettings, learned: NDArray[Any]
) -> Columns:
    """How much each row counts in each head: `(n,)` each.

    Args:
        dataset: all of CK+.
        rows: the positions to weigh.
        settings: which classes to favour.
        learned: the positions that are trained on, whose frequencies decide.
    """
    one_hot = np.eye(len(CKPLUS), dtype=np.float32)
    by_class = class_weights(one_hot[dataset.label[learned]], settings.class_weights)
    return {
        EMOTION: by_class[dataset.label[rows]],
        ACTION_UNITS: dataset.is_coded[rows].astype(np.float32),
    }


def positive_weights(action_units: NDArray[np.int8], settings: LossSettings) -> NDArray[np.float32]:
    """How much a unit that is there counts, against one that is not: `(u,)`.

    Args:
        action_units: `(n, u)` of the rows that are trained on.
        settings: by which rule.

    Raises:
        DatasetError: the action units of no row are known.
    """
    coded = action_units[(action_units >= 0).all(axis=1)]
    if len(coded) == 0:
        raise DatasetError("CK+: action units cannot be learned, they are known for no frame.")
    frequency = np.clip(coded.mean(axis=0), 1e-6, 1 - 1e-6)
    exponent = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[settings.positive_weights]
    weights = ((1 - frequency) / frequency) ** exponent
    return np.asarray(np.clip(weights, 1, settings.largest_positive_weight), np.float32)
