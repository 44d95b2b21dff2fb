"""Prediction sets of a saved model on its own test split and on other datasets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_core.benchmark.outside_scores import outside_predictions
from fer_core.benchmark.photo_evaluation import PhotoEvaluation
from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.reliability import (
    PredictionSets,
    SetScores,
    fit_prediction_sets,
    set_scores,
)
from fer_core.zoo import ModelCard

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class SetCoverage:
    """The prediction sets of a model, and how they do on labeled faces.

    Attributes:
        sets: the rule, fitted on the validation split.
        home: on the test split, whose faces are drawn as those of the validation split.
        outside: by title of the dataset, on the faces found; the promise is not for these.
    """

    sets: PredictionSets
    home: SetScores
    outside: Mapping[str, SetScores]

    def to_frame(self, home: str) -> pd.DataFrame:
        """Returns one row per dataset; coverage is text with its interval.

        Args:
            home: title of the test split.
        """
        import pandas as pd

        scores = {home: self.home, **self.outside}
        return pd.DataFrame(
            {
                "dataset": list(scores),
                "rows": [each.rows for each in scores.values()],
                "coverage": [each.coverage.percent() for each in scores.values()],
                "mean_size": [each.mean_size for each in scores.values()],
                "single": [each.single for each in scores.values()],
            }
        )


def has_calibration_split(card: ModelCard) -> bool:
    """Whether a model's validation split is not also its test split, as sets need."""
    return card.protocol.selection_split != card.protocol.report_split


def set_coverage(
    card: ModelCard,
    splits: Mapping[str, SplitPredictions],
    evaluations: Iterable[PhotoEvaluation],
    coverage: float,
) -> SetCoverage:
    """Fits the prediction sets of a model and scores them.

    Args:
        card: of a model for which `has_calibration_split` is true.
        splits: its predictions by split.
        evaluations: on other datasets; those without the model's present weights are left out.
        coverage: above 0 and below 1.

    Raises:
        ValueError: the validation split is too small for the coverage.
    """
    protocol = card.protocol
    sets = fit_prediction_sets(splits[protocol.selection_split], coverage)
    report = splits[protocol.report_split]
    return SetCoverage(
        sets=sets,
        home=set_scores(sets, report.probabilities, report.label),
        outside={
            title: set_scores(sets, each.probabilities, each.label)
            for title, each in outside_predictions(card, evaluations).items()
        },
    )
