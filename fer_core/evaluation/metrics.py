"""From predictions to scores with 95 % intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_core.evaluation.bootstrap import (
    RESAMPLES,
    group_counts,
    group_weights,
    interval,
    row_weights,
)
from fer_core.evaluation.confusion import confusion_matrix
from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.roc_areas import weighted_areas
from fer_core.evaluation.scores import (
    ClassificationMetrics,
    ClassScore,
    EvaluationProtocol,
    Interval,
    Score,
)


def classification_metrics(
    predictions: SplitPredictions,
    *,
    protocol: EvaluationProtocol = "plain",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ClassificationMetrics:
    """Computes all scores of one model on one split.

    Averages over classes leave out a class that is neither among the labels nor predicted, as
    scikit-learn does. Intervals are the 2.5 and 97.5 percentiles of the bootstrap over rows, or
    over people where the predictions say who is in a picture.

    Args:
        predictions: at least one row.
        protocol: which probabilities to score.
        resamples: of the bootstrap.
        seed: of the bootstrap; the same seed gives the same intervals.

    Raises:
        ValueError: there are no rows, or none for this protocol.
    """
    score, counts, intervals = _score(predictions, protocol, resamples, seed)
    areas, mean_area = _roc_areas(predictions, protocol)
    twin = predictions.has_training_twin
    without_twins = None
    if twin is not None and not twin.all():
        without_twins, _, _ = _score(predictions.take(~twin), protocol, resamples, seed)
    return ClassificationMetrics(
        rows=score.rows,
        accuracy=score.accuracy,
        macro_f1=score.macro_f1,
        weighted_f1=intervals["weighted_f1"][0],
        roc_auc=mean_area,
        per_class={
            label: ClassScore(
                precision=intervals["precision"][index],
                recall=intervals["recall"][index],
                f1=intervals["f1"][index],
                roc_auc=areas[index],
                support=int(counts[index].sum()),
            )
            for index, label in enumerate(predictions.labels)
        },
        without_training_twins=without_twins,
    )


def scores_of_counts(counts: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """Computes scores from confusion counts.

    Args:
        counts: `(..., k, k)`, true class by predicted class.

    Returns:
        `accuracy`, `macro_f1` and `weighted_f1` of shape `(..., 1)`; `precision`, `recall` and
        `f1` of shape `(..., k)`. A score whose denominator is 0 is 0.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    support, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
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


def _score(
    predictions: SplitPredictions, protocol: EvaluationProtocol, resamples: int, seed: int
) -> tuple[Score, NDArray[np.int64], dict[str, list[Interval]]]:
    if len(predictions) == 0:
        raise ValueError(f"Scores need at least one row. Received: no rows of {predictions.split}")
    counts = confusion_matrix(predictions, protocol).counts
    values = scores_of_counts(counts)
    if predictions.subject is None:
        drawn = _bootstrap(counts, resamples, seed)
    else:
        drawn = group_counts(_counts_by_subject(predictions, protocol), resamples, seed)
    resampled = scores_of_counts(drawn)
    intervals = {name: _intervals(values[name], resampled[name]) for name in values}
    score = Score(
        rows=len(predictions),
        accuracy=intervals["accuracy"][0],
        macro_f1=intervals["macro_f1"][0],
    )
    return score, counts, intervals


def _bootstrap(counts: NDArray[np.int64], resamples: int, seed: int) -> NDArray[np.int64]:
    """Draws rows with replacement, all resamples at once.

    Every score here depends on the rows only through their confusion counts, and the counts of n
    rows drawn with replacement are one draw of a multinomial distribution.
    """
    rows = int(counts.sum())
    draws = np.random.default_rng(seed).multinomial(rows, counts.ravel() / rows, size=resamples)
    return draws.reshape(resamples, *counts.shape)


def _counts_by_subject(
    predictions: SplitPredictions, protocol: EvaluationProtocol
) -> NDArray[np.int64]:
    """`(people, k, k)` confusion counts of each person."""
    assert predictions.subject is not None
    people, index = np.unique(predictions.subject, return_inverse=True)
    predicted = predictions.by(protocol).argmax(axis=1)
    classes = len(predictions.labels)
    counts = np.zeros((len(people), classes, classes), np.int64)
    np.add.at(counts, (index, predictions.label, predicted), 1)
    return counts


def _divide(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    quotient = np.zeros(part.shape, np.float64)
    np.divide(part, whole, out=quotient, where=whole != 0)
    return quotient


def _intervals(values: NDArray[np.float64], resampled: NDArray[np.float64]) -> list[Interval]:
    return [interval(value, draws) for value, draws in zip(values, resampled.T, strict=True)]


def _roc_areas(
    predictions: SplitPredictions, protocol: EvaluationProtocol
) -> tuple[list[Interval | None], Interval | None]:
    """ROC AUC of each class against the rest, and their mean, with bootstrap intervals."""
    label, probabilities = predictions.label, predictions.by(protocol)
    subject = predictions.subject
    weights = row_weights(len(label)) if subject is None else group_weights(subject)
    every_row = np.full((1, len(label)), 1 / len(label))
    samples = np.concatenate([every_row, weights])
    areas = np.stack(
        [
            weighted_areas(label == index, probabilities[:, index], samples)
            for index in range(probabilities.shape[1])
        ]
    )
    defined = areas[~np.isnan(areas[:, 0])]
    by_class = [None if np.isnan(area[0]) else interval(area[0], area[1:]) for area in areas]
    if not len(defined):
        return by_class, None
    mean = defined.mean(axis=0)
    return by_class, interval(mean[0], mean[1:])
