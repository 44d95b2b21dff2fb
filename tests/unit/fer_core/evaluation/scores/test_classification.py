"""Scores against scikit-learn, intervals against scipy and closed forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as reference

from fer_core.evaluation.predictions import SplitPredictions
from fer_core.evaluation.result_types import ClassificationMetrics, Interval
from fer_core.evaluation.scores.bootstrap import group_counts
from fer_core.evaluation.scores.classification import classification_metrics, scores_of_counts
from fer_core.evaluation.scores.wilson import wilson, wilson_f1

MakePredictions = Callable[..., SplitPredictions]


@pytest.mark.parametrize("absent", [(), (1,), (0, 2)])
@pytest.mark.parametrize("protocol", ["plain", "flip"])
def test_scores_are_those_of_scikit_learn(
    make_predictions: MakePredictions, protocol: str, absent: tuple[int, ...]
) -> None:
    predictions = make_predictions(80, absent=absent)
    probabilities = predictions.by(protocol)  # type: ignore[arg-type]
    label, predicted = predictions.label, probabilities.argmax(axis=1)
    scores = classification_metrics(predictions, protocol=protocol, resamples=50)  # type: ignore[arg-type]

    assert scores.rows == 80
    assert scores.accuracy.value == pytest.approx(reference.accuracy_score(label, predicted))
    for name, average in (("macro_f1", "macro"), ("weighted_f1", "weighted")):
        expected = reference.f1_score(label, predicted, average=average)
        assert getattr(scores, name).value == pytest.approx(expected)

    precision, recall, f1, support = reference.precision_recall_fscore_support(
        label, predicted, labels=range(4), zero_division=0
    )
    areas = []
    for index, score in enumerate(scores.per_class.values()):
        assert score.precision.value == pytest.approx(precision[index])
        assert score.recall.value == pytest.approx(recall[index])
        assert score.f1.value == pytest.approx(f1[index])
        assert score.support == support[index]
        if index in absent:
            assert score.roc_auc is None
        else:
            areas.append(reference.roc_auc_score(label == index, probabilities[:, index]))
            assert score.roc_auc is not None
            assert score.roc_auc.value == pytest.approx(areas[-1])
    assert scores.roc_auc is not None
    assert scores.roc_auc.value == pytest.approx(np.mean(areas))


def test_scores_of_many_matrices_are_those_of_each() -> None:
    counts = np.random.default_rng(0).integers(0, 20, (10, 4, 4))
    together = scores_of_counts(counts)
    for index, matrix in enumerate(counts):
        for name, values in scores_of_counts(matrix).items():
            np.testing.assert_allclose(together[name][index], values)


def test_proportions_have_wilsons_interval(make_predictions: MakePredictions) -> None:
    predictions = make_predictions(400)
    scores = classification_metrics(predictions, resamples=10)
    predicted = predictions.probabilities.argmax(axis=1)
    hits = (predicted == predictions.label) & (predictions.label == 2)
    sad = scores.per_class["sad"]
    assert scores.accuracy == wilson(int((predicted == predictions.label).sum()), 400)
    assert sad.precision == wilson(int(hits.sum()), int((predicted == 2).sum()))
    assert sad.recall == wilson(int(hits.sum()), int((predictions.label == 2).sum()))
    either = (predicted == 2) | (predictions.label == 2)
    assert sad.f1 == wilson_f1(int(hits.sum()), int((either & ~hits).sum()))


def test_a_class_that_is_never_predicted_may_be_better_than_0(
    make_predictions: MakePredictions,
) -> None:
    predictions = make_predictions(60)
    probabilities = predictions.probabilities * np.array([0, 1, 1, 1], np.float32)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    scores = classification_metrics(replace(predictions, probabilities=probabilities))
    angry = scores.per_class["angry"]
    assert angry.recall.value == angry.f1.value == 0
    # Closed form of Wilson 1927 at 0 of n.
    quantile = stats.norm.ppf(0.975) ** 2
    assert angry.recall.high == pytest.approx(quantile / (angry.support + quantile))
    assert angry.f1.high > angry.recall.high
    assert (angry.precision.low, angry.precision.high) == (0, 1)


def test_areas_have_as_many_resamples_and_the_seed_that_are_asked_for(
    make_predictions: MakePredictions,
) -> None:
    predictions = make_predictions(100)
    found = [
        classification_metrics(predictions, resamples=resamples, seed=seed).roc_auc
        for resamples, seed in ((60, 0), (60, 0), (61, 0), (60, 1))
    ]
    assert found[0] == found[1]
    assert found[0] not in found[2:]


def test_macro_f1_interval_is_that_of_scipy(make_predictions: MakePredictions) -> None:
    predictions = make_predictions(150)
    predicted = predictions.probabilities.argmax(axis=1)
    expected = stats.bootstrap(
        (predictions.label, predicted),
        lambda label, predicted: reference.f1_score(label, predicted, average="macro"),
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=600,
        rng=np.random.default_rng(1),
    ).confidence_interval
    found = classification_metrics(predictions, resamples=20_000).macro_f1
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.012)


def test_roc_auc_counts_ties_half_and_has_scipys_interval() -> None:
    rng = np.random.default_rng(2)
    label = rng.integers(0, 2, 200)
    positive = (np.round(rng.normal(label, 1.5)) / 20 + 0.5).clip(0, 1).astype(np.float32)
    probabilities = np.stack([1 - positive, positive], axis=1)
    found = (
        classification_metrics(
            SplitPredictions("some_test", ("no", "yes"), np.arange(200), label, probabilities)
        )
        .per_class["yes"]
        .roc_auc
    )
    assert found is not None
    assert found.value == pytest.approx(reference.roc_auc_score(label, positive))
    expected = stats.bootstrap(
        (label, positive),
        reference.roc_auc_score,
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=500,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.015)


def test_same_seed_gives_the_same_intervals(make_predictions: MakePredictions) -> None:
    predictions = make_predictions()
    first = classification_metrics(predictions, seed=5)
    assert first == classification_metrics(predictions, seed=5)
    assert first != classification_metrics(predictions, seed=6)


def test_rows_with_a_duplicate_in_training_are_left_out(make_predictions: MakePredictions) -> None:
    predictions = make_predictions(200)
    duplicate = predictions.has_training_duplicate
    assert duplicate is not None
    assert 0 < duplicate.sum() < 200
    found = classification_metrics(predictions).without_training_duplicates
    assert found is not None
    kept = classification_metrics(predictions.take(~duplicate))
    assert (found.rows, found.accuracy, found.macro_f1) == (
        int((~duplicate).sum()),
        kept.accuracy,
        kept.macro_f1,
    )


def test_unknown_duplicates_leave_that_score_empty(make_predictions: MakePredictions) -> None:
    whole = make_predictions()
    predictions = SplitPredictions(
        whole.split, whole.labels, whole.row_id, whole.label, whole.probabilities
    )
    assert classification_metrics(predictions).without_training_duplicates is None


def test_no_rows_is_refused(make_predictions: MakePredictions) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        classification_metrics(make_predictions().take(np.array([], np.int64)))


def test_single_row_is_scored(make_predictions: MakePredictions) -> None:
    scores = classification_metrics(make_predictions().take(np.array([0])))
    assert scores.accuracy == wilson(round(scores.accuracy.value), 1)
    assert scores.accuracy.low < scores.accuracy.high
    assert scores.roc_auc is None


def test_table_has_a_row_per_class(make_predictions: MakePredictions) -> None:
    scores = classification_metrics(make_predictions())
    table = scores.to_frame().set_index("label")
    assert list(table.index) == list(scores.per_class)
    assert table.loc["sad", "recall_high"] == scores.per_class["sad"].recall.high
    assert table["support"].sum() == 60


def test_interval_is_written_in_percent() -> None:
    assert Interval(value=0.661, low=0.6456, high=0.677).percent() == "66.1% [64.6, 67.7]"


def test_intervals_draw_whole_people_where_they_are_known(
    make_predictions: MakePredictions,
) -> None:
    rows = make_predictions(60)
    people = np.arange(60) // 3

    def scores(repeats: int, subject: NDArray[np.int64] | None) -> ClassificationMetrics:
        repeated = rows.take(np.repeat(np.arange(60), repeats))
        named = None if subject is None else np.repeat(subject, repeats)
        return classification_metrics(replace(repeated, subject=named))

    once, copies = scores(5, people), scores(10, people)  # copies of rows say nothing new
    assert copies.accuracy.low == pytest.approx(once.accuracy.low)
    assert copies.macro_f1.high == pytest.approx(once.macro_f1.high)
    assert copies.roc_auc is not None
    assert once.roc_auc is not None
    assert copies.roc_auc.low == pytest.approx(once.roc_auc.low)
    assert once.accuracy.value == scores(1, None).accuracy.value
    unaware = scores(5, None).accuracy
    assert unaware.high - unaware.low < 0.6 * (copies.accuracy.high - copies.accuracy.low)


def test_people_who_are_all_read_correctly_leave_the_score_interval(
    make_predictions: MakePredictions,
) -> None:
    rows = make_predictions(60)
    perfect = replace(
        rows,
        probabilities=np.eye(len(rows.labels), dtype=np.float32)[rows.label],
        subject=np.arange(60) // 3,
    )
    accuracy = classification_metrics(perfect).accuracy
    assert accuracy == wilson(60, 60)
    assert accuracy.low < 0.95


def test_a_group_is_counted_as_often_as_it_is_drawn() -> None:
    counts = np.array([[[1, 0]], [[0, 10]]])
    drawn = group_counts(counts, resamples=50, seed=0)
    assert drawn.shape == (50, 1, 2)
    assert (drawn[:, 0, 0] + drawn[:, 0, 1] // 10 == 2).all()
    assert len(np.unique(drawn[:, 0, 0])) == 3
