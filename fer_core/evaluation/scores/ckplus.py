"""Scores of a model of emotions and action units, cross-validated on CK+."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from fer_core.evaluation import ClassificationMetrics, Fraction, Score, StrictModel
from fer_core.evaluation.scores.action_units import ActionUnitAverages, ActionUnitMetrics

if TYPE_CHECKING:
    import pandas as pd

CKPLUS_PROTOCOL_IN_WORDS: Final = (
    "One prediction per sequence: the mean over the probabilities of its three peak frames. In "
    "brackets: 95% confidence interval (bootstrap over people, at least as wide as Wilson's score "
    "interval)."
)


class CkPlusScores(StrictModel):
    """All scores of one prediction per sequence.

    Attributes:
        emotion: of the seven classes.
        high_level: of negative, positive and surprise.
        action_units: of the fifteen action units.
    """

    emotion: ClassificationMetrics
    high_level: ClassificationMetrics
    action_units: ActionUnitMetrics


class CkPlusBaselines(StrictModel):
    """Scores of constant predictions on the same sequences.

    Attributes:
        emotion: of always predicting the most frequent emotion.
        high_level: of always predicting the most frequent coarse class.
        all_absent: of predicting every action unit as absent.
        prevalence: of predicting each action unit with its share of the sequences as probability,
            so units in more than half of the sequences are always predicted as present.
    """

    emotion: Score
    high_level: Score
    all_absent: ActionUnitAverages
    prevalence: ActionUnitAverages


class CkPlusMetrics(StrictModel):
    """One model's scores on CK+; each subject is scored by weights trained without them.

    Attributes:
        folds: cross-validation folds, by subject.
        subjects: people in the data.
        sequences: of three peak frames each.
        fold_accuracy: accuracy of the seven classes on the sequences of each fold.
        by_sequence: the scores of one prediction per sequence, the mean over its frames'
            probabilities; intervals are bootstrapped over people.
        baselines: scores of constant predictions.
    """

    folds: Annotated[int, Field(ge=1)]
    subjects: Annotated[int, Field(ge=2)]
    sequences: Annotated[int, Field(ge=2)]
    fold_accuracy: tuple[Fraction, ...]
    by_sequence: CkPlusScores
    baselines: CkPlusBaselines

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per predictor, output and average: accuracy, precision, recall, ...

        The predictors are the model and the baselines. Missing values are empty.
        """
        import pandas as pd

        scores, baselines = self.by_sequence, self.baselines
        rows: list[dict[str, object]] = [
            _class_row("model", "emotion", scores.emotion),
            _class_row("model", "high_level", scores.high_level),
            *_unit_rows("model", scores.action_units),
            _class_row("most frequent class", "emotion", baselines.emotion),
            _class_row("most frequent class", "high_level", baselines.high_level),
            *_unit_rows("all absent", baselines.all_absent),
            *_unit_rows("prevalence", baselines.prevalence),
        ]
        columns = [
            *("predictor", "output", "average"),
            *("accuracy", "precision", "recall", "f1", "roc_auc"),
        ]
        return pd.DataFrame(rows, columns=columns)


def _class_row(predictor: str, output: str, scores: Score) -> dict[str, object]:
    area = scores.roc_auc if isinstance(scores, ClassificationMetrics) else None
    return {
        "predictor": predictor,
        "output": output,
        "average": "macro",
        "accuracy": scores.accuracy.value,
        "f1": scores.macro_f1.value,
        "roc_auc": area and area.value,
    }


def _unit_rows(predictor: str, averages: ActionUnitAverages) -> list[dict[str, object]]:
    return [{"predictor": predictor, "output": "action_units"} | row for row in averages.to_rows()]
