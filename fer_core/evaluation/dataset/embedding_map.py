"""Embedding map: a split projected to two dimensions by a model's features, from map.npz.

A model's features are the input of its last layer. `python -m training.artifacts.embedding_map`
projects those of the PrivateTest split and writes next to the weights:

    weights_sha256           of the model.keras that computed the features
    <split>_row_id           (n,) 0-based row of the dataset's own table
    <split>_pca, _tsne       (n, 2) position of each face
    <split>_trustworthiness  (2,) of these two projections, see `FeatureMap`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation.comparison import AlignedPredictions

if TYPE_CHECKING:
    import pandas as pd

MAP_SPLIT: Final = "fer2013_private_test"

Projection = Literal["pca", "tsne"]
"""The first two principal components, or t-SNE (van der Maaten and Hinton 2008), which keeps
neighbors together and whose long distances mean little."""

PROJECTIONS: Final[tuple[Projection, ...]] = get_args(Projection)


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """Positions of the faces of `MAP_SPLIT` by one model's features.

    Attributes:
        weights_sha256: checksum of the model.keras that computed the features.
        row_id: `(n,)` int64, 0-based rows of fer2013.csv.
        xy: by projection `(n, 2)` float32, without unit.
        trustworthiness: by projection, 0 to 1: how far neighbors on the map are neighbors in
            feature space (Venna and Kaski 2001, as scikit-learn computes it).
    """

    weights_sha256: str
    row_id: NDArray[np.int64]
    xy: Mapping[Projection, NDArray[np.float32]]
    trustworthiness: Mapping[Projection, float]

    def __post_init__(self) -> None:
        for projection in PROJECTIONS:
            xy = self.xy[projection]
            if xy.shape != (len(self.row_id), 2) or not np.isfinite(xy).all():
                raise ValueError(
                    f"{projection} must be {len(self.row_id)} pairs of finite numbers. "
                    f"Received: shape={xy.shape}"
                )

    def of(
        self, aligned: AlignedPredictions, model: str, projection: Projection
    ) -> MappedPredictions:
        """Returns the positions of rows with the model's predictions for them.

        Args:
            aligned: of the model, possibly with others, for rows of this map.
            model: its name.
            projection: which positions.

        Raises:
            ModelError: a row is not on the map.
        """
        order = np.argsort(self.row_id)
        at = np.searchsorted(self.row_id, aligned.row_id, sorter=order)
        at = order[np.minimum(at, len(order) - 1)] if len(order) else at
        if not len(order) or (self.row_id[at] != aligned.row_id).any():
            raise ModelError(
                f"The map of {model!r} does not cover all its predictions. Recreate it with "
                "python -m training.artifacts.embedding_map."
            )
        return MappedPredictions(
            labels=aligned.labels,
            row_id=aligned.row_id,
            xy=self.xy[projection][at],
            label=aligned.label,
            predicted=aligned.predicted_by(model),
        )


@dataclass(frozen=True, eq=False)
class MappedPredictions:
    """Rows with their positions on a map.

    Attributes:
        labels: the k class names.
        row_id: `(n,)` int64.
        xy: `(n, 2)` float32.
        label: `(n,)` int64, the true class, an index into `labels`.
        predicted: `(n,)` int64, the predicted class, an index into `labels`.
    """

    labels: tuple[str, ...]
    row_id: NDArray[np.int64]
    xy: NDArray[np.float32]
    label: NDArray[np.int64]
    predicted: NDArray[np.int64]

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per face: row_id, x, y, label, predicted, is_correct."""
        import pandas as pd

        names = np.array(self.labels)
        return pd.DataFrame(
            {
                "row_id": self.row_id,
                "x": self.xy[:, 0],
                "y": self.xy[:, 1],
                "label": names[self.label],
                "predicted": names[self.predicted],
                "is_correct": self.label == self.predicted,
            }
        )
