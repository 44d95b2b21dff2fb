"""Accuracy on test images with and without an exact copy in the training split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_core.evaluation import Interval, SplitPredictions
from fer_core.evaluation.scores import wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DuplicateScores:
    """One model's accuracy on duplicates of training images, and on all others.

    Attributes:
        n_duplicates: test images with an exact copy in the training split.
        n_others: all other test images.
        duplicates: accuracy on the duplicates, with its Wilson interval.
        others: accuracy on the others, with its Wilson interval.
    """

    n_duplicates: int
    n_others: int
    duplicates: Interval
    others: Interval


@dataclass(frozen=True)
class DuplicateTable:
    """`DuplicateScores` of several models.

    Attributes:
        scores: by the model's name.
    """

    scores: Mapping[str, DuplicateScores]

    def to_frame(self) -> pd.DataFrame:
        """Returns two rows per model: model, images, rows, accuracy, low, high."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "model": model,
                    "images": images,
                    "rows": rows,
                    "accuracy": accuracy.value,
                    "low": accuracy.low,
                    "high": accuracy.high,
                }
                for model, each in self.scores.items()
                for images, rows, accuracy in (
                    ("duplicates", each.n_duplicates, each.duplicates),
                    ("others", each.n_others, each.others),
                )
            ]
        )


def duplicate_table(predictions: Mapping[str, SplitPredictions]) -> DuplicateTable:
    """Scores models on duplicates and on all other rows; models without duplicates are left out.

    Args:
        predictions: by the model's name.
    """
    scores = {}
    for model, aligned in predictions.items():
        is_duplicate = aligned.has_training_duplicate
        if is_duplicate is None or is_duplicate.all() or not is_duplicate.any():
            continue
        scores[model] = DuplicateScores(
            n_duplicates=int(is_duplicate.sum()),
            n_others=int((~is_duplicate).sum()),
            duplicates=wilson(int(aligned.is_correct[is_duplicate].sum()), int(is_duplicate.sum())),
            others=wilson(int(aligned.is_correct[~is_duplicate].sum()), int((~is_duplicate).sum())),
        )
    return DuplicateTable(scores)
