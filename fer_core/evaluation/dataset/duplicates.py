"""What models do on test images of which an exact copy was in their training split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_core.evaluation import Interval, SplitPredictions
from fer_core.evaluation.scores import wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TwinScores:
    """One model's accuracy on images that it has seen, and on all others.

    Attributes:
        n_twins: how many it has seen.
        n_others: how many it has not.
        twins: accuracy on the one, with its Wilson interval.
        others: accuracy on the other, with its Wilson interval.
    """

    n_twins: int
    n_others: int
    twins: Interval
    others: Interval


@dataclass(frozen=True)
class TwinTable:
    """The same for several models.

    Attributes:
        scores: by the model's name.
    """

    scores: Mapping[str, TwinScores]

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
                    ("duplicates", each.n_twins, each.twins),
                    ("others", each.n_others, each.others),
                )
            ]
        )


def twin_table(predictions: Mapping[str, SplitPredictions]) -> TwinTable:
    """Scores models on duplicates and on all other rows; models without any are left out.

    Args:
        predictions: by the model's name.
    """
    scores = {}
    for model, answers in predictions.items():
        is_twin = answers.has_training_twin
        if is_twin is None or is_twin.all() or not is_twin.any():
            continue
        scores[model] = TwinScores(
            n_twins=int(is_twin.sum()),
            n_others=int((~is_twin).sum()),
            twins=wilson(int(answers.is_correct[is_twin].sum()), int(is_twin.sum())),
            others=wilson(int(answers.is_correct[~is_twin].sum()), int((~is_twin).sum())),
        )
    return TwinTable(scores)
