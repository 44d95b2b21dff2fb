"""The confusion matrix: true by predicted class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import EvaluationProtocol, SplitPredictions

if TYPE_CHECKING:
    import pandas as pd

Normalization = Literal["none", "true", "predicted", "all"]
"""`true` normalizes by true label (recall on the diagonal), `predicted` by predicted label
(precision on the diagonal), `all` overall; `none` leaves counts."""


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each true class was predicted as each class.

    Attributes:
        counts: `(k, k)` int64, true class by predicted class.
        labels: the k class names.
    """

    counts: NDArray[np.int64]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        expected = (len(self.labels), len(self.labels))
        if self.counts.shape != expected:
            raise ValueError(
                f"counts must have the shape {expected}, true by predicted class. "
                f"Received: shape={self.counts.shape}"
            )

    def normalized(self, normalization: Normalization) -> NDArray[np.float64]:
        """Returns the normalized matrix, or counts for `none`; an empty class gives 0."""
        if normalization not in get_args(Normalization):
            raise ValueError(
                f"normalization must be one of {', '.join(get_args(Normalization))}. "
                f"Received: normalization={normalization!r}"
            )
        if normalization == "none":
            return self.counts.astype(np.float64)
        axis = {"true": 1, "predicted": 0, "all": None}[normalization]
        total = self.counts.sum(axis=axis, keepdims=True)
        return np.asarray(self.counts / np.maximum(total, 1), np.float64)

    def to_frame(self, normalization: Normalization = "none") -> pd.DataFrame:
        """Returns a table with a row per true class and a column per predicted class."""
        import pandas as pd

        values = self.counts if normalization == "none" else self.normalized(normalization)
        return pd.DataFrame(
            values,
            index=pd.Index(self.labels, name="true"),
            columns=pd.Index(self.labels, name="predicted"),
        )


def confusion_matrix(
    predictions: SplitPredictions, protocol: EvaluationProtocol = "plain"
) -> ConfusionMatrix:
    """Counts the predictions of one model on one split."""
    predicted = predictions.by(protocol).argmax(axis=1)
    return contingency_table(predictions.label, predicted, predictions.labels)


def contingency_table(
    rows: NDArray[np.int64], columns: NDArray[np.int64], labels: tuple[str, ...]
) -> ConfusionMatrix:
    """Cross-tabulates two arrays of classes.

    Args:
        rows: `(n,)` indices into `labels`.
        columns: `(n,)` indices into `labels`.
        labels: the k class names.
    """
    from sklearn import metrics

    counts = metrics.confusion_matrix(rows, columns, labels=range(len(labels)))
    return ConfusionMatrix(np.asarray(counts, np.int64), labels)
