"""Two models on the same rows: accuracy, cell by cell, and how far they agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from fer_core.evaluation.comparison.accuracy_comparison import compare_accuracy, compare_all
from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.comparison.confusion_comparison import (
    confusion_difference,
    prediction_agreement,
)
from fer_core.evaluation.comparison.significance import holm, mcnemar

LABELS = ("angry", "happy", "sad")

MakeAnswers = Callable[..., AlignedPredictions]


@pytest.fixture
def make_predictions() -> MakeAnswers:
    """Makes predictions of models that are correct with the given probabilities."""

    def make(rows: int, *accuracies: float, seed: int = 0) -> AlignedPredictions:
        rng = np.random.default_rng(seed)
        label = rng.integers(0, len(LABELS), rows)
        predicted = np.stack(
            [
                np.where(rng.random(rows) < accuracy, label, (label + rng.integers(1, 3, rows)) % 3)
                for accuracy in accuracies
            ],
            axis=1,
        )
        return AlignedPredictions(
            LABELS,
            tuple("abc"[: len(accuracies)]),
            np.arange(rows),
            label,
            np.eye(len(LABELS), dtype=np.float32)[predicted],
        )

    return make


def test_the_numbers_of_a_small_example() -> None:
    label = np.array([0, 0, 1, 1, 2, 2])
    predicted = np.array([[0, 0, 1, 1, 2, 0], [0, 1, 0, 1, 1, 2]]).T
    aligned = AlignedPredictions(
        LABELS, ("a", "b"), np.arange(6), label, np.eye(3, dtype=np.float32)[predicted]
    )
    found = compare_accuracy(aligned, "a", "b")
    assert (found.rows, found.only_first_correct, found.only_second_correct) == (6, 3, 1)
    assert found.accuracy_first == pytest.approx(5 / 6)
    assert found.accuracy_second == pytest.approx(3 / 6)
    assert found.difference == pytest.approx(2 / 6)
    assert found.p_value == mcnemar(3, 1)


def test_interval_is_close_to_scipys_paired_bootstrap(make_predictions: MakeAnswers) -> None:
    aligned = make_predictions(300, 0.7, 0.6)
    found = compare_accuracy(aligned, "a", "b")
    right = aligned.is_correct.astype(float)
    expected = stats.bootstrap(
        (right[:, 0], right[:, 1]),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert found.difference == pytest.approx(right[:, 0].mean() - right[:, 1].mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.005)
    assert found.standard_error == pytest.approx(
        (right[:, 0] - right[:, 1]).std() / 300**0.5, rel=1e-6
    )


def test_turning_the_pair_round_turns_the_sign(make_predictions: MakeAnswers) -> None:
    aligned = make_predictions(200, 0.8, 0.6)
    there, back = compare_accuracy(aligned, "a", "b"), compare_accuracy(aligned, "b", "a")
    assert there.difference == -back.difference
    assert there.p_value == back.p_value


def test_a_model_does_not_differ_from_itself(make_predictions: MakeAnswers) -> None:
    found = compare_accuracy(make_predictions(50, 0.7), "a", "a")
    assert (found.difference, found.p_value, found.standard_error) == (0, 1, 0)
    assert found.low == pytest.approx(-found.high)
    assert found.low < 0  # another 50 rows might tell them apart


def test_intervals_of_several_pairs_are_wider_than_that_of_one(
    make_predictions: MakeAnswers,
) -> None:
    aligned = make_predictions(400, 0.8, 0.7, 0.69)
    of_all = compare_all(aligned).comparisons["b", "c"]
    alone = compare_accuracy(aligned, "b", "c")
    together = compare_accuracy(aligned, "b", "c", pairs=3)
    assert of_all == together
    assert together.low < alone.low < alone.high < together.high
    assert alone.p_value == together.p_value


def test_all_pairs_are_corrected_together(make_predictions: MakeAnswers) -> None:
    aligned = make_predictions(400, 0.8, 0.7, 0.69)
    table = compare_all(aligned).to_frame()
    assert {(row.first, row.second) for row in table.itertuples()} == {
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    }
    assert table["p_value"].is_monotonic_increasing
    np.testing.assert_allclose(table["p_holm"], holm(table["p_value"]))
    assert table["significant"].tolist() == (table["p_holm"] < 0.05).tolist()
    assert table["significant"].any()
    assert not table["significant"].all()


def test_one_model_or_no_row_is_refused(make_predictions: MakeAnswers) -> None:
    with pytest.raises(ValueError, match="two models"):
        compare_all(make_predictions(10, 0.5))
    with pytest.raises(ValueError, match="one row"):
        compare_all(make_predictions(0, 0.5, 0.5))
    with pytest.raises(ValueError, match="one row"):
        prediction_agreement(make_predictions(0, 0.5, 0.5), "a", "b")


def test_difference_of_the_matrices_tests_each_cell(make_predictions: MakeAnswers) -> None:
    aligned = make_predictions(300, 0.8, 0.5)
    found = confusion_difference(aligned, "a", "b")
    matrices = [
        reference.confusion_matrix(aligned.label, aligned.predicted[:, index]) for index in (0, 1)
    ]
    np.testing.assert_array_equal(found.difference("none"), matrices[0] - matrices[1])
    support = matrices[0].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.difference("true"), (matrices[0] - matrices[1]) / support)
    np.testing.assert_allclose(found.difference("all"), (matrices[0] - matrices[1]) / 300)
    for true, predicted in np.ndindex(3, 3):
        in_first, in_second = (
            (aligned.label == true) & (aligned.predicted[:, index] == predicted) for index in (0, 1)
        )
        only_first, only_second = (in_first & ~in_second).sum(), (in_second & ~in_first).sum()
        assert found.p_value[true, predicted] == mcnemar(only_first, only_second)
    np.testing.assert_allclose(found.p_holm, holm(found.p_value))
    np.testing.assert_array_equal(found.is_significant, found.p_holm < 0.05)
    assert found.is_significant[0, 0]
    assert not found.is_significant.all()


def test_equal_models_have_no_significant_cell(make_predictions: MakeAnswers) -> None:
    """Two models that are right equally often, but on other rows."""
    false_alarms = [
        confusion_difference(
            make_predictions(300, 0.7, 0.7, seed=seed), "a", "b"
        ).is_significant.any()
        for seed in range(100)
    ]
    assert np.mean(false_alarms) <= 0.1


def test_table_of_the_difference_lists_every_cell_once(make_predictions: MakeAnswers) -> None:
    found = confusion_difference(make_predictions(300, 0.8, 0.5), "a", "b")
    table = found.to_frame()
    assert len(set(zip(table["true"], table["predicted"], strict=True))) == 9
    assert table["p_value"].is_monotonic_increasing
    assert table["difference"].sum() == 0
    cell = table.query("true == 'sad' and predicted == 'happy'").iloc[0]
    assert cell["first"] == found.first[2, 1]
    assert cell["only_second"] == found.only_second[2, 1]
    assert cell["share_of_true"] == found.difference("true")[2, 1]


def test_unknown_unit_is_refused(make_predictions: MakeAnswers) -> None:
    found = confusion_difference(make_predictions(30, 0.8, 0.5), "a", "b")
    with pytest.raises(ValueError, match="true, all, none"):
        found.difference("predicted")  # type: ignore[arg-type]


def test_agreement_is_scikit_learns_kappa(make_predictions: MakeAnswers) -> None:
    aligned = make_predictions(300, 0.8, 0.6)
    found = prediction_agreement(aligned, "a", "b")
    first, second = aligned.predicted.T
    assert found.kappa == pytest.approx(reference.cohen_kappa_score(first, second))
    assert found.agreement == pytest.approx((first == second).mean())
    np.testing.assert_array_equal(
        found.matrix.counts, reference.confusion_matrix(first, second, labels=range(3))
    )
    table = found.to_frame()
    assert (table.index.name, table.columns.name) == ("first", "second")


def test_kappa_of_a_constant_prediction_is_not_defined(make_predictions: MakeAnswers) -> None:
    aligned = make_predictions(20, 0.8, 0.6)
    constant = np.tile(np.eye(3, dtype=np.float32)[0], (20, 2, 1))
    same = AlignedPredictions(LABELS, ("a", "b"), aligned.row_id, aligned.label, constant)
    found = prediction_agreement(same, "a", "b")
    assert np.isnan(found.kappa)
    assert found.agreement == 1
