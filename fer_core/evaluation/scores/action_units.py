"""Scores of action units: individually and averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fer_core.evaluation import Count, Fraction, Interval, StrictModel
from fer_core.evaluation.scores.bootstrap import group_weights, interval
from fer_core.evaluation.scores.roc_areas import weighted_areas

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD: Final = 0.5
"""A unit is predicted as present from this probability on. It is fixed, not tuned."""

LEAST_POSITIVE_SEQUENCES: Final = 10
"""With fewer, a single sequence changes a score by more than models differ."""


class BinaryScores(StrictModel):
    """Scores of a binary prediction.

    Attributes:
        accuracy: share of correct predictions.
        precision: share of positive predictions that are correct; 0 without any.
        recall: share of positives that are found; 0 without any.
        f1: the harmonic mean of both.
        roc_auc: area under the ROC curve; None if all rows or no rows are positive.
    """

    accuracy: Fraction
    precision: Fraction
    recall: Fraction
    f1: Fraction
    roc_auc: Fraction | None


class ActionUnitScore(BinaryScores):
    """The scores of one action unit.

    Attributes:
        positives: rows in which it is present.
        positive_sequences: sequences in which it is present.
        is_averaged: whether it is included in the averages.
    """

    positives: Count
    positive_sequences: Count
    is_averaged: bool


class ActionUnitAverages(StrictModel):
    """Scores averaged over action units.

    Attributes:
        micro: scores of all predictions pooled; None when no unit is averaged.
        macro: means of the units' scores; None when no unit is averaged.
        micro_all_units: `micro` including rare units.
        macro_all_units: `macro` including rare units.
    """

    micro: BinaryScores | None
    macro: BinaryScores | None
    micro_all_units: BinaryScores
    macro_all_units: BinaryScores

    def to_rows(self) -> list[dict[str, Any]]:
        """Returns a table row for each defined average: average, accuracy, ..."""
        averages = {name: getattr(self, name) for name in ActionUnitAverages.model_fields}
        return [
            {"average": name.replace("_", " "), **scores.model_dump()}
            for name, scores in averages.items()
            if scores is not None
        ]


class ActionUnitMetrics(ActionUnitAverages):
    """All scores of the action units of one model.

    Attributes:
        rows: rows with known action units.
        threshold: probability from which a unit is predicted as present.
        least_positive_sequences: a unit with fewer is reported but not averaged in `micro` and
            `macro`.
        macro_f1, macro_roc_auc: those of `macro` with 95% intervals, bootstrapped over people;
            None where undefined.
        per_unit: one entry per unit, in the model's order.
    """

    rows: Annotated[int, Field(ge=1)]
    threshold: Fraction
    least_positive_sequences: Count
    macro_f1: Interval | None = None
    macro_roc_auc: Interval | None = None
    per_unit: dict[str, ActionUnitScore]

    @property
    def rare_units(self) -> tuple[str, ...]:
        """The units that are not averaged in `micro` and `macro`."""
        return tuple(name for name, score in self.per_unit.items() if not score.is_averaged)

    @property
    def averages(self) -> ActionUnitAverages:
        """The averages alone."""
        return ActionUnitAverages(
            **{name: getattr(self, name) for name in ActionUnitAverages.model_fields}
        )

    def to_frame(self) -> pd.DataFrame:
        """Returns one row per unit, then one per average: action_unit, accuracy, ..."""
        import pandas as pd

        rows = [
            {"action_unit": name, **score.model_dump()} for name, score in self.per_unit.items()
        ]
        rows += [{"action_unit": row.pop("average"), **row} for row in self.to_rows()]
        return pd.DataFrame(rows)


def action_unit_metrics(
    present: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    sequence: NDArray[Any],
    subject: NDArray[Any],
    names: tuple[str, ...],
) -> ActionUnitMetrics:
    """Computes all scores of the action units.

    Args:
        present: `(n, u)`, 1 where a unit is present, 0 where absent, below 0 where unknown; rows
            with an unknown unit are left out.
        probabilities: `(n, u)`, of each unit being present.
        sequence: `(n,)`, the sequence of each row.
        subject: `(n,)`, the person in each row.
        names: u names.

    Raises:
        ValueError: shapes differ, or no row has known units.
    """
    shape = (len(sequence), len(names))
    if present.shape != shape or probabilities.shape != shape:
        raise ValueError(
            f"Expected present and probabilities of shape {shape}. "
            f"Received: {present.shape} and {probabilities.shape}"
        )
    known = (present >= 0).all(axis=1)
    if not known.any():
        raise ValueError("Expected rows with known action units. Received: none")
    is_present = present[known] == 1
    probabilities, sequence, subject = probabilities[known], sequence[known], subject[known]
    per_unit: dict[str, ActionUnitScore] = {}
    for index, name in enumerate(names):
        positive = is_present[:, index]
        sequences = len(np.unique(sequence[positive]))
        per_unit[name] = ActionUnitScore(
            **_scores(positive, probabilities[:, index]).model_dump(),
            positives=int(positive.sum()),
            positive_sequences=sequences,
            is_averaged=sequences >= LEAST_POSITIVE_SEQUENCES,
        )
    averaged = np.array([score.is_averaged for score in per_unit.values()])
    micro = None
    if averaged.any():
        micro = _scores(is_present[:, averaged].ravel(), probabilities[:, averaged].ravel())
    macro = None
    if averaged.any():
        macro = _mean([score for score in per_unit.values() if score.is_averaged])
    macro_f1, macro_roc_auc = _intervals(
        macro, is_present[:, averaged], probabilities[:, averaged], subject
    )
    return ActionUnitMetrics(
        rows=int(known.sum()),
        threshold=THRESHOLD,
        least_positive_sequences=LEAST_POSITIVE_SEQUENCES,
        micro=micro,
        macro=macro,
        micro_all_units=_scores(is_present.ravel(), probabilities.ravel()),
        macro_all_units=_mean(list(per_unit.values())),
        macro_f1=macro_f1,
        macro_roc_auc=macro_roc_auc,
        per_unit=per_unit,
    )


def _scores(positive: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> BinaryScores:
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support, roc_auc_score

    predicted = probabilities >= THRESHOLD
    precision, recall, f1, _ = precision_recall_fscore_support(
        positive, predicted, average="binary", zero_division=0
    )
    undefined = positive.all() or not positive.any()
    return BinaryScores(
        accuracy=float(accuracy_score(positive, predicted)),
        precision=float(precision),
        recall=float(recall),
        f1=float(f1),
        roc_auc=None if undefined else float(roc_auc_score(positive, probabilities)),
    )


def _mean(scores: list[ActionUnitScore]) -> BinaryScores:
    areas = [score.roc_auc for score in scores if score.roc_auc is not None]
    return BinaryScores(
        accuracy=float(np.mean([score.accuracy for score in scores])),
        precision=float(np.mean([score.precision for score in scores])),
        recall=float(np.mean([score.recall for score in scores])),
        f1=float(np.mean([score.f1 for score in scores])),
        roc_auc=float(np.mean(areas)) if areas else None,
    )


def _intervals(
    macro: BinaryScores | None,
    positive: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    subject: NDArray[Any],
) -> tuple[Interval | None, Interval | None]:
    """F1 and ROC AUC of `macro` with intervals; `(n, u)` of the averaged units."""
    if macro is None:
        return None, None
    weights = group_weights(subject)
    predicted = probabilities >= THRESHOLD
    either = weights @ positive + weights @ predicted
    f1 = np.divide(
        2 * (weights @ (positive & predicted)), either, out=np.zeros_like(either), where=either > 0
    )
    areas = np.stack(
        [weighted_areas(*unit, weights) for unit in zip(positive.T, probabilities.T, strict=True)]
    )
    return (
        interval(macro.f1, f1.mean(axis=1)),
        None if macro.roc_auc is None else interval(macro.roc_auc, areas.mean(axis=0)),
    )
