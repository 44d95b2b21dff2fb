from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn import metrics as reference

from fer_core.evaluation.reliability.selective import (
    risk_coverage,
    selective_scores,
    threshold_sweep,
)
from fer_core.evaluation.scores import proportion
from tests.photo_faces import faces_with

LABELS = ("a", "b", "c")


def predictions(
    confidence: list[float], right: list[bool]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows that are predicted as class 0 with these confidences, above a third."""
    first = np.array(confidence, np.float32)
    rest = (1 - first) / 2
    return np.stack([first, rest, rest], axis=1), np.where(right, 0, 1)


@pytest.fixture
def random_predictions() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rng = np.random.default_rng(5)
    return rng.dirichlet((0.5, 0.5, 0.5), 400).astype(np.float32), rng.integers(0, 3, 400)


def test_a_perfect_order_has_the_least_area() -> None:
    rows, wrong = 10, 4
    confidence = np.linspace(0.95, 0.5, rows).tolist()
    curve = risk_coverage(*predictions(confidence, [True] * (rows - wrong) + [False] * wrong))
    closed_form = sum(each / (rows - wrong + each) for each in range(1, wrong + 1)) / rows
    assert curve.area == pytest.approx(closed_form)
    assert curve.optimal_area == pytest.approx(closed_form)


def test_the_worst_order_has_the_most() -> None:
    confidence = [0.9, 0.8, 0.7, 0.6]
    curve = risk_coverage(*predictions(confidence, [False, True, True, True]))
    assert curve.area == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert curve.optimal_area == pytest.approx((0 + 0 + 0 + 1 / 4) / 4)


def test_order_does_not_matter_when_all_or_no_predictions_are_correct() -> None:
    assert risk_coverage(*predictions([0.9, 0.5], [True, True])).area == 0
    assert risk_coverage(*predictions([0.9, 0.5], [False, False])).area == 1


def test_equal_confidences_are_covered_together() -> None:
    table = risk_coverage(*predictions([0.75, 0.5, 0.5, 0.5], [True, False, True, True])).to_frame()
    assert table["threshold"].tolist() == [0.75, 0.5]
    assert table["coverage"].tolist() == [0.25, 1.0]
    assert table["risk"].tolist() == [0.0, 0.25]


def test_each_point_of_the_curve_is_what_its_threshold_gives(
    random_predictions: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    curve = risk_coverage(*random_predictions)
    for point in (0, 17, 200, len(curve.threshold) - 1):
        scores = selective_scores(*random_predictions, LABELS, float(curve.threshold[point]))
        assert scores.accuracy is not None
        assert scores.coverage == pytest.approx(curve.coverage[point])
        assert 1 - scores.accuracy.value == pytest.approx(curve.risk[point])
    assert curve.coverage[-1] == 1


def test_scores_are_scikit_learns_on_covered_faces(
    random_predictions: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    probabilities, label = random_predictions
    scores = selective_scores(probabilities, label, LABELS, 0.7)
    kept = probabilities.max(axis=1) >= 0.7
    predicted = probabilities[kept].argmax(axis=1)
    assert scores.covered == kept.sum()
    assert scores.accuracy is not None
    assert scores.accuracy.value == reference.accuracy_score(label[kept], predicted)
    table = scores.to_frame()
    assert table["rows"].tolist() == np.bincount(label).tolist()
    assert table["covered"].tolist() == np.bincount(label[kept]).tolist()
    expected = reference.classification_report(label[kept], predicted, output_dict=True)
    for index, row in table.iterrows():
        assert row["precision"] == pytest.approx(expected[str(index)]["precision"])
        assert row["recall"] == pytest.approx(expected[str(index)]["recall"])


def test_the_interval_is_wilsons() -> None:
    scores = selective_scores(*predictions([0.9] * 20, [True] * 15 + [False] * 5), LABELS, 0.5)
    assert scores.accuracy is not None
    z, n, p = norm.ppf(0.975), 20, 0.75
    center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (scores.accuracy.low, scores.accuracy.high) == pytest.approx(
        (center - half, center + half)
    )


def test_zero_coverage_has_no_accuracy() -> None:
    scores = selective_scores(*predictions([0.6, 0.7], [True, False]), LABELS, 1.0)
    assert (scores.covered, scores.coverage, scores.accuracy) == (0, 0, None)
    assert scores.to_frame()[["precision", "recall"]].isna().all(axis=None)
    assert scores.to_frame()["coverage"].tolist() == [0, 0, 0]


def test_the_sweep_is_the_scores_at_every_step(
    random_predictions: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    table = threshold_sweep(*random_predictions).to_frame()
    assert table["threshold"].tolist() == [step / 100 for step in range(101)]
    for step in range(0, 101, 7):
        scores = selective_scores(*random_predictions, LABELS, step / 100)
        assert table["covered"][step] == scores.covered
        assert table["coverage"][step] == scores.coverage
        assert scores.accuracy is not None
        assert table["accuracy"][step] == pytest.approx(scores.accuracy.value)
    none_covered = threshold_sweep(*predictions([0.5], [True]))
    assert np.isnan(none_covered.accuracy[51:]).all()


def test_the_lowest_threshold_that_reaches_an_accuracy() -> None:
    sweep = threshold_sweep(
        *predictions([0.875, 0.75, 0.625, 0.5625, 0.5], [True, True, False, True, False])
    )
    assert sweep.reaching(0.6) == 0.0
    assert sweep.reaching(0.75) == 0.51  # the confidence 0.5 is no longer covered
    assert sweep.reaching(1.0) == 0.63
    assert sweep.threshold[sweep.most_accurate] == 0.63


def test_an_accuracy_out_of_reach_is_none() -> None:
    sweep = threshold_sweep(*predictions([0.9, 0.8], [False, True]))
    assert sweep.reaching(0.6) is None
    assert sweep.accuracy[sweep.most_accurate] == 0.5


@given(st.floats(0.5, 1.0, width=32), st.sampled_from([step / 100 for step in range(101)]))
def test_a_face_is_uncertain_exactly_where_the_curve_abstains(
    confidence: float, threshold: float
) -> None:
    probabilities, label = predictions([confidence], [True])
    (face,) = faces_with(probabilities, labels=LABELS)
    scores = selective_scores(probabilities, label, LABELS, threshold)
    assert face.is_uncertain(threshold) == (scores.covered == 0)
    position = round(threshold * 100)
    assert threshold_sweep(probabilities, label).covered[position] == scores.covered


def test_without_errors_the_guarantee_needs_as_many_rows_as_the_closed_form_says() -> None:
    """All correct: the bound on the risk of n rows is 1 - level^(1/n)."""
    level = 0.05 / 7  # seven steps of a binary search over 101 thresholds
    needed = int(np.ceil(np.log(level) / np.log(0.9)))
    for rows, is_enough in ((needed, True), (needed - 1, False)):
        sweep = threshold_sweep(*predictions([0.995] * rows, [True] * rows))
        assert (sweep.guaranteeing(0.9) is not None) == is_enough
    assert sweep.reaching(0.9) == 0.0


def test_the_guarantee_holds_on_new_faces_and_the_plain_threshold_does_not() -> None:
    """Confidence c is correct with probability c, so the accuracy above a threshold is known."""
    rng = np.random.default_rng(3)
    guaranteed: list[bool] = []
    plain: list[bool] = []
    for _ in range(120):
        confidence = rng.uniform(0.4, 1.0, 1200)
        is_correct = rng.random(1200) < confidence
        sweep = threshold_sweep(*predictions(confidence.tolist(), is_correct.tolist()))
        for found, kept in ((sweep.guaranteeing(0.85), guaranteed), (sweep.reaching(0.85), plain)):
            if found is not None:
                kept.append((max(found, 0.4) + 1) / 2 >= 0.85)
    assert np.mean(guaranteed) >= 0.95
    assert np.mean(plain) < 0.75


def test_a_guarantee_out_of_reach_is_none(
    random_predictions: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    assert threshold_sweep(*random_predictions).guaranteeing(0.99) is None


def test_the_interval_counts_people_where_they_have_several_rows() -> None:
    is_correct, person = [True] * 30 + [False] * 10, np.repeat(np.arange(4), 10)
    probabilities, label = predictions([0.9] * 38 + [0.4] * 2, is_correct)
    scores = selective_scores(probabilities, label, LABELS, 0.5, subject=person)
    alone = selective_scores(probabilities, label, LABELS, 0.5)
    assert scores.accuracy == proportion(np.array(is_correct[:38]), person[:38])
    assert scores.accuracy is not None
    assert alone.accuracy is not None
    assert scores.accuracy.value == alone.accuracy.value
    assert scores.accuracy.low < alone.accuracy.low
