"""Scores of a model that reads emotions and action units, cross-validated on CK+."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fer_core.evaluation.action_units import ActionUnitMetrics
from fer_core.evaluation.scores import ClassificationMetrics, Fraction, StrictModel

if TYPE_CHECKING:
    import pandas as pd


class CkPlusScores(StrictModel):
    """All scores at one grain.

    Attributes:
        emotion: of the seven classes.
        high_level: of negative, positive and surprise.
        action_units: of the fifteen action units.
    """

    emotion: ClassificationMetrics
    high_level: ClassificationMetrics
    action_units: ActionUnitMetrics


class CkPlusMetrics(StrictModel):
    """What one model reached on CK+, each subject scored by weights that never saw them.

    Attributes:
        folds: parts of the subjects that were scored, one training for each.
        subjects: people in the data.
        sequences: of three peak frames each.
        fold_accuracy: accuracy of the seven classes on the frames of each fold.
        by_frame: a row is a frame.
        by_sequence: a row is a sequence, with the mean of its frames' probabilities.
    """

    folds: Annotated[int, Field(ge=1)]
    subjects: Annotated[int, Field(ge=2)]
    sequences: Annotated[int, Field(ge=2)]
    fold_accuracy: tuple[Fraction, ...]
    by_frame: CkPlusScores
    by_sequence: CkPlusScores

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per grain, output and average: accuracy, precision, recall, f1, ROC AUC.

        Columns that a row has no value for are empty.
        """
        import pandas as pd

        rows: list[dict[str, object]] = []
        for grain, scores in (("frame", self.by_frame), ("sequence", self.by_sequence)):
            for output in ("emotion", "high_level"):
                metrics: ClassificationMetrics = getattr(scores, output)
                rows.append(
                    {
                        "grain": grain,
                        "output": output,
                        "average": "macro",
                        "accuracy": metrics.accuracy.value,
                        "f1": metrics.macro_f1.value,
                        "roc_auc": metrics.roc_auc and metrics.roc_auc.value,
                    }
                )
            for average in ("micro", "macro"):
                binary = getattr(scores.action_units, average)
                if binary is not None:
                    rows.append(
                        {
                            "grain": grain,
                            "output": "action_units",
                            "average": average,
                            **binary.model_dump(),
                        }
                    )
        columns = ["grain", "output", "average", "accuracy", "precision", "recall", "f1", "roc_auc"]
        return pd.DataFrame(rows, columns=columns)
