"""From predictions to scores with 95% intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation import (
    ClassificationMetrics,
    ClassScore,
    EvaluationProtocol,
    Interval,
    Score,
    SplitPredictions,
)
from fer_core.evaluation.scores.bootstrap import (
    RESAMPLES,
    group_counts,
    group_weights,
    interval,
    percentiles,
    row_weights,
)
from fer_core.evaluation.scores.roc_areas import weighted_areas
from fer_core.evaluation.scores.wilson import wilson, wilson_f1

_RESAMPLES_AT_ONCE: Final = 50


@dataclass(frozen=True, eq=False)
class MissedRows:
    """Rows of a split for which a model has no prediction, such as photos without a found face.

    Attributes:
        label: `(m,)` int64, their true classes, indices into the model's labels.
        subject: `(m,)` int64, the person in each; None if unknown.
    """

    label: NDArray[np.int64]
    subject: NDArray[np.int64] | None = None


def classification_metrics(
    predictions: SplitPredictions,
    *,
    missed: MissedRows | None = None,
    protocol: EvaluationProtocol = "plain",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ClassificationMetrics:
    """Computes all scores of one model on one split.

    Averages over classes exclude a class that is neither among the true labels nor predicted, as in
    scikit-learn. Accuracy, precision, recall and the F1 of a class have score intervals (see
    `wilson`), which are valid for few rows too; averages of F1 and ROC AUC have the 2.5 and 97.5
    percentiles of the bootstrap over rows. If the predictions name the person in each picture,
    people are resampled instead of rows, and score intervals are widened to the bounds of that
    bootstrap.

    Args:
        predictions: at least one row, including missed ones.
        missed: rows without a prediction, which count as errors: they lower accuracy, recall and
            F1. ROC AUC, which needs probabilities, leaves them out.
        protocol: which probabilities to score.
        resamples: of the bootstrap.
        seed: of the bootstrap; the same seed gives the same intervals.

    Raises:
        ValueError: there are no rows, or no probabilities for this protocol.
    """
    drawn = _drawn(predictions, missed, protocol, resamples, seed)
    areas, mean_area = _roc_areas(predictions, protocol, resamples, seed)
    score = drawn.score()
    without_duplicates = None
    if predictions.is_without_duplicate is not None:
        others = predictions.without_training_duplicates()
        without_duplicates = _drawn(others, None, protocol, resamples, seed).score()
    return ClassificationMetrics(
        rows=score.rows,
        accuracy=score.accuracy,
        macro_f1=score.macro_f1,
        weighted_f1=drawn.average("weighted_f1"),
        roc_auc=mean_area,
        per_class={
            label: drawn.class_score(index, areas[index])
            for index, label in enumerate(predictions.labels)
        },
        without_training_duplicates=without_duplicates,
    )


def scores_of_counts(counts: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """Computes scores from confusion counts.

    Args:
        counts: `(..., k, k)`, true class by predicted class, or `(..., k, k + 1)` with rows that
            have no prediction in the last column.

    Returns:
        `accuracy`, `macro_f1` and `weighted_f1` of shape `(..., 1)`; `precision`, `recall` and
        `f1` of shape `(..., k)`. Scores with a zero denominator are 0.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    support, predicted = counts.sum(axis=-1), counts.sum(axis=-2)[..., : counts.shape[-2]]
    total = support.sum(axis=-1, keepdims=True)
    f1 = _divide(2 * hits, support + predicted)
    occurs = (support + predicted) > 0
    return {
        "accuracy": _divide(hits.sum(axis=-1, keepdims=True), total),
        "macro_f1": _divide(f1.sum(axis=-1, keepdims=True), occurs.sum(axis=-1, keepdims=True)),
        "weighted_f1": _divide((f1 * support).sum(axis=-1, keepdims=True), total),
        "precision": _divide(hits, predicted),
        "recall": _divide(hits, support),
        "f1": f1,
    }


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Confusion counts with their scores, and those of each resample.

    Attributes:
        counts: `(k, k)`, or `(k, k + 1)` with rows that have no prediction in the last column.
        values: as returned by `scores_of_counts`.
        resampled: the same, with a leading axis of resamples.
        is_by_person: whether people were resampled instead of rows.
    """

    counts: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    resampled: dict[str, NDArray[np.float64]]
    is_by_person: bool

    def score(self) -> Score:
        rows, hits = int(self.counts.sum()), int(np.trace(self.counts))
        return Score(
            rows=rows,
            accuracy=self._widened("accuracy", 0, wilson(hits, rows)),
            macro_f1=self.average("macro_f1"),
        )

    def class_score(self, index: int, area: Interval | None) -> ClassScore:
        hits = int(self.counts[index, index])
        support, predicted = int(self.counts[index].sum()), int(self.counts[:, index].sum())
        return ClassScore(
            precision=self._widened("precision", index, wilson(hits, predicted)),
            recall=self._widened("recall", index, wilson(hits, support)),
            f1=self._widened("f1", index, wilson_f1(hits, support + predicted - 2 * hits)),
            roc_auc=area,
            support=support,
        )

    def average(self, name: str) -> Interval:
        return interval(self.values[name][0], self.resampled[name][:, 0])

    def _widened(self, name: str, index: int, score: Interval) -> Interval:
        """The score interval assumes independent rows, which those of one person are not."""
        if not self.is_by_person:
            return score
        low, high = percentiles(self.resampled[name][:, index])
        return Interval(value=score.value, low=min(low, score.low), high=max(high, score.high))


def _drawn(
    predictions: SplitPredictions,
    missed: MissedRows | None,
    protocol: EvaluationProtocol,
    resamples: int,
    seed: int,
) -> _Drawn:
    by_subject = _counts_by_subject(predictions, missed, protocol)
    counts = by_subject.sum(axis=0)
    if not counts.any():
        raise ValueError(f"Scores need at least one row. Received: no rows of {predictions.split}")
    is_by_person = predictions.subject is not None
    if is_by_person:
        drawn = group_counts(by_subject, resamples, seed)
    else:
        drawn = _bootstrap(counts, resamples, seed)
    return _Drawn(counts, scores_of_counts(counts), scores_of_counts(drawn), is_by_person)


def _bootstrap(counts: NDArray[np.int64], resamples: int, seed: int) -> NDArray[np.int64]:
    """Draws rows with replacement, all resamples at once.

    All these scores depend only on the confusion counts, and the counts of n rows drawn with
    replacement follow a multinomial distribution.
    """
    rows = int(counts.sum())
    draws = np.random.default_rng(seed).multinomial(rows, counts.ravel() / rows, size=resamples)
    return draws.reshape(resamples, *counts.shape)


def _counts_by_subject(
    predictions: SplitPredictions, missed: MissedRows | None, protocol: EvaluationProtocol
) -> NDArray[np.int64]:
    """Confusion counts of each person, or of all rows together if people are unknown.

    `(people, k, k)`, or `(people, k, k + 1)` with missed rows.
    """
    label, predicted = predictions.label, predictions.by(protocol).argmax(axis=1)
    subject = predictions.subject
    classes = len(predictions.labels)
    columns = classes
    if missed is not None:
        columns += 1
        label = np.concatenate([label, missed.label])
        predicted = np.concatenate([predicted, np.full(len(missed.label), classes)])
        if subject is not None and missed.subject is not None:
            subject = np.concatenate([subject, missed.subject])
    people, index = np.unique(
        np.zeros(len(label)) if subject is None else subject, return_inverse=True
    )
    counts = np.zeros((len(people), classes, columns), np.int64)
    np.add.at(counts, (index, label, predicted), 1)
    return counts


def _divide(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    quotient = np.zeros(part.shape, np.float64)
    np.divide(part, whole, out=quotient, where=whole != 0)
    return quotient


def _roc_areas(
    predictions: SplitPredictions, protocol: EvaluationProtocol, resamples: int, seed: int
) -> tuple[list[Interval | None], Interval | None]:
    """ROC AUC of each class against the rest, and their mean, with bootstrap intervals."""
    label, probabilities, subject = predictions.label, predictions.by(protocol), predictions.subject
    if not len(label):
        return [None] * len(predictions.labels), None
    if subject is None:
        weights = row_weights(len(label), resamples, seed)
    else:
        weights = group_weights(subject, resamples, seed)
    every_row = np.full((1, len(label)), 1 / len(label))
    areas = np.stack(
        [
            np.concatenate(
                [
                    weighted_areas(label == index, probabilities[:, index], part)
                    for part in (every_row, *np.array_split(weights, _parts(resamples)))
                ]
            )
            for index in range(probabilities.shape[1])
        ]
    )
    defined = areas[~np.isnan(areas[:, 0])]
    by_class = [None if np.isnan(area[0]) else interval(area[0], area[1:]) for area in areas]
    if not len(defined):
        return by_class, None
    mean = defined.mean(axis=0)
    return by_class, interval(mean[0], mean[1:])


def _parts(resamples: int) -> int:
    """Number of chunks that resamples are processed in, to limit memory."""
    return -(-resamples // _RESAMPLES_AT_ONCE)
