"""Agreement of two sets of labels for the same images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.dataset.facts import LabelContingencyTable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class LabelAgreement:
    """FER2013 labels vs. FER+ labels, on the images that FER+ keeps.

    Attributes:
        rows: the r labels of FER2013.
        columns: the c labels of FER+, the labels of FER2013 first.
        counts: `(r, c)` int64 images.
        left_out: `(r,)` int64 images that FER+ excludes.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]
    left_out: NDArray[np.int64]

    @property
    def agreement(self) -> float:
        """The share of the images with the same label in both; 0 without images."""
        same = [self.counts[row, self.columns.index(name)] for row, name in enumerate(self.rows)]
        return float(sum(same) / max(1, self.counts.sum()))

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen 1960): 1 for identical labels, 0 for chance."""
        from sklearn.metrics import cohen_kappa_score

        row, column = np.indices(self.counts.shape).reshape(2, -1)
        of_rows = np.array([self.columns.index(name) for name in self.rows])[row]
        return float(cohen_kappa_score(of_rows, column, sample_weight=self.counts.ravel()))

    @property
    def shares(self) -> NDArray[np.float64]:
        """`(r, c)`: counts normalized by row."""
        return np.asarray(self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True)))

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per label of FER2013: label, a count for each of FER+, left_out."""
        import pandas as pd

        frame = pd.DataFrame(self.counts, columns=list(self.columns))
        frame.insert(0, "label", self.rows)
        return frame.assign(left_out=self.left_out)


def label_agreement(table: LabelContingencyTable, split: str | None = None) -> LabelAgreement:
    """Returns the agreement on one split, or on all splits for None.

    Raises:
        ValueError: there is no such split.
    """
    if split is not None and split not in table.images:
        raise ValueError(f"split must be one of {', '.join(table.images)}. Received: {split!r}")
    splits = list(table.images) if split is None else [split]
    return LabelAgreement(
        rows=table.fer2013,
        columns=table.ferplus,
        counts=np.sum([table.images[each] for each in splits], axis=0, dtype=np.int64),
        left_out=np.sum([table.left_out[each] for each in splits], axis=0, dtype=np.int64),
    )
