"""Difference of two models' confusion matrices, and the agreement of their predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.comparison.significance import SIGNIFICANCE_LEVEL, holm, mcnemar
from fer_core.evaluation.scores import ConfusionMatrix, Normalization, contingency_table

if TYPE_CHECKING:
    import pandas as pd

DifferenceUnit = Literal["true", "all", "none"]
"""Normalization of a difference: by true label, over all rows, or `none` for counts."""


@dataclass(frozen=True, eq=False)
class ConfusionDifference:
    """The first model's confusion matrix minus the second's, cell by cell.

    Attributes:
        labels: the k class names.
        first: `(k, k)` int64 counts, true by predicted class.
        second: `(k, k)` int64 counts.
        only_first: `(k, k)` int64, rows that only the first model puts into the cell.
        only_second: `(k, k)` int64, rows that only the second puts there.
        p_value: `(k, k)` of McNemar's test (mid-p) on these two, for each cell by itself.
        p_holm: `(k, k)` corrected for the number of cells.
    """

    labels: tuple[str, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    only_first: NDArray[np.int64]
    only_second: NDArray[np.int64]
    p_value: NDArray[np.float64]
    p_holm: NDArray[np.float64]

    @property
    def is_significant(self) -> NDArray[np.bool_]:
        """`(k, k)` cells that differ significantly, at 5% over all cells."""
        return self.p_holm < SIGNIFICANCE_LEVEL

    def difference(self, unit: DifferenceUnit = "true") -> NDArray[np.float64]:
        """Returns first minus second, `(k, k)`, as fractions, or as counts for `none`.

        Raises:
            ValueError: the unit is not known.
        """
        if unit not in get_args(DifferenceUnit):
            raise ValueError(
                f"unit must be one of {', '.join(get_args(DifferenceUnit))}. Received: {unit!r}"
            )
        first, second = (
            ConfusionMatrix(counts, self.labels).normalized(unit)
            for counts in (self.first, self.second)
        )
        return first - second

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per cell, the smallest p-value first."""
        import pandas as pd

        true, predicted = (cells.ravel() for cells in np.indices(self.first.shape))
        names = np.array(self.labels)
        frame = pd.DataFrame(
            {
                "true": names[true],
                "predicted": names[predicted],
                "first": self.first.ravel(),
                "second": self.second.ravel(),
                "difference": (self.first - self.second).ravel(),
                "share_of_true": self.difference("true").ravel(),
                "only_first": self.only_first.ravel(),
                "only_second": self.only_second.ravel(),
                "p_value": self.p_value.ravel(),
                "p_holm": self.p_holm.ravel(),
                "significant": self.is_significant.ravel(),
            }
        )
        return frame.sort_values("p_value", kind="stable", ignore_index=True)


def confusion_difference(
    aligned: AlignedPredictions, first: str, second: str
) -> ConfusionDifference:
    """Compares two confusion matrices; cells are tested on the rows that only one model puts there.

    Args:
        aligned: of the two models, possibly with others.
        first: name of the model to subtract from.
        second: name of the model to subtract.
    """
    labels = aligned.labels
    of_first, of_second = aligned.predicted_by(first), aligned.predicted_by(second)
    counts_first = contingency_table(aligned.label, of_first, labels).counts
    counts_second = contingency_table(aligned.label, of_second, labels).counts
    agreed = of_first == of_second
    both = contingency_table(aligned.label[agreed], of_first[agreed], labels).counts
    p_value = mcnemar(counts_first - both, counts_second - both)
    return ConfusionDifference(
        labels=labels,
        first=counts_first,
        second=counts_second,
        only_first=counts_first - both,
        only_second=counts_second - both,
        p_value=p_value,
        p_holm=holm(p_value),
    )


@dataclass(frozen=True, eq=False)
class PredictionAgreement:
    """The predictions of one model against those of another, regardless of the true labels.

    Attributes:
        matrix: counts by prediction of the first and of the second model.
        agreement: share of the rows with the same prediction.
        kappa: Cohen's kappa (1960), the agreement beyond chance: 1 for identical predictions, 0
            for chance; NaN if both predict the same single class for every row.
    """

    matrix: ConfusionMatrix
    agreement: float
    kappa: float

    def to_frame(self, normalization: Normalization = "none") -> pd.DataFrame:
        """Returns the matrix: rows are predictions of the first model, columns of the second."""
        return self.matrix.to_frame(normalization).rename_axis(index="first", columns="second")


def prediction_agreement(
    aligned: AlignedPredictions, first: str, second: str
) -> PredictionAgreement:
    """Cross-tabulates the predictions of two models.

    Args:
        aligned: of the two models, possibly with others; at least one row.
        first: name of the model of the rows.
        second: name of the model of the columns.

    Raises:
        ValueError: there are no rows.
    """
    from sklearn.metrics import cohen_kappa_score

    if len(aligned) == 0:
        raise ValueError("Agreement needs at least one row. Received: none")
    rows, columns = aligned.predicted_by(first), aligned.predicted_by(second)
    is_constant = len(np.unique([rows, columns])) == 1
    return PredictionAgreement(
        matrix=contingency_table(rows, columns, aligned.labels),
        agreement=float((rows == columns).mean()),
        kappa=float("nan") if is_constant else float(cohen_kappa_score(rows, columns)),
    )
