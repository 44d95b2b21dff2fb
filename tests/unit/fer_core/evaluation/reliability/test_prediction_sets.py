from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.reliability import (
    Calibration,
    PredictionSets,
    fit_prediction_sets,
    set_scores,
)

LABELS = ("angry", "happy", "sad")


def predictions(
    rows: int, seed: int = 0, shares: tuple[float, ...] = (0.2, 0.5, 0.3)
) -> SplitPredictions:
    """Faces whose class is drawn from probabilities that the model knows too sharply."""
    rng = np.random.default_rng(seed)
    label = rng.choice(3, rows, p=shares)
    logits = rng.normal(0, 1, (rows, 3)) + 1.5 * np.eye(3)[label]
    probabilities = np.exp(2 * logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return SplitPredictions(
        "valid", LABELS, rng.permutation(rows), label, probabilities.astype(np.float32)
    )


def by_hand(selection: SplitPredictions, coverage: float) -> NDArray[np.float64]:
    """The quantiles by the words of the definition: sorted scores, the m-th smallest of n."""
    order = np.argsort(selection.row_id)
    rest = order[1::2]
    calibration = Calibration.fit(selection.probabilities[order[::2]], selection.label[order[::2]])
    p = calibration.apply(selection.probabilities[rest]).astype(np.float64)
    found = []
    for each in range(3):
        scores = sorted(1 - p[selection.label[rest] == each, each])
        m = int(np.ceil((len(scores) + 1) * coverage))
        found.append(1 - scores[m - 1])
    return np.array(found)


def test_the_quantiles_are_those_of_the_definition() -> None:
    selection = predictions(400)
    sets = fit_prediction_sets(selection, 0.9)
    np.testing.assert_allclose(sets.least, by_hand(selection, 0.9), atol=1e-12)
    members = sets.of(selection.probabilities)
    calibrated = sets.calibration.apply(selection.probabilities)
    expected = calibrated >= sets.least
    expected[np.arange(400), selection.probabilities.argmax(axis=1)] = True
    np.testing.assert_array_equal(members, expected)


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_the_promise_holds_for_every_class_on_average_over_draws(coverage: float) -> None:
    covered = []
    for seed in range(40):
        sets = fit_prediction_sets(predictions(300, seed), coverage)
        new = predictions(2000, 1000 + seed)
        scores = set_scores(sets, new.probabilities, new.label)
        covered.append([each.value for each in scores.class_coverage if each is not None])
    mean = np.mean(covered, axis=0)
    assert (mean > coverage - 0.015).all(), mean


def test_a_class_with_too_few_faces_has_no_promise_of_its_own() -> None:
    selection = predictions(200, shares=(0.03, 0.57, 0.4))
    sets = fit_prediction_sets(selection, 0.9)
    assert sets.rows[0] < 9
    assert sets.expected_coverage()[0] is None
    order = np.argsort(selection.row_id)[1::2]
    calibrated = sets.calibration.apply(selection.probabilities[order]).astype(np.float64)
    of_true = np.sort(calibrated[np.arange(100), selection.label[order]])
    assert sets.least[0] == of_true[100 - 91]  # the 91st of all 100 scores


def test_the_expected_coverage_is_that_of_an_order_statistic() -> None:
    sets = PredictionSets(
        0.9, LABELS, Calibration(None, 0.0), np.array([9, 29, 999]), np.array([0.1, 0.1, 0.1])
    )
    nine, few, many = sets.expected_coverage()
    assert nine
    assert few
    assert many
    assert nine.value == pytest.approx(9 / 10)  # the largest of nine: Beta(9, 1)
    assert nine.low == pytest.approx(0.025 ** (1 / 9))
    assert few.value == pytest.approx(27 / 30)
    assert many.value == pytest.approx(0.9)
    assert few.high - few.low > 4 * (many.high - many.low)


def test_no_row_fits_both_temperature_and_quantiles() -> None:
    selection = predictions(400)
    order = np.argsort(selection.row_id)
    changed = selection.probabilities.copy()
    changed[order[1::2]] = 1 / 3
    other = SplitPredictions("valid", LABELS, selection.row_id, selection.label, changed)
    before, after = (fit_prediction_sets(each, 0.9) for each in (selection, other))
    assert before.calibration == after.calibration
    assert (before.least != after.least).any()


def test_scores_count_what_is_in_the_sets() -> None:
    sets = PredictionSets(
        0.9, LABELS, Calibration(None, 0.0), np.array([9, 9, 9]), np.array([0.3, 0.3, 0.3])
    )
    probabilities = np.array([[0.5, 0.4, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]], np.float32)
    scores = set_scores(sets, probabilities, np.array([1, 1, 0]))
    assert scores.coverage.value == pytest.approx(2 / 3)
    assert scores.mean_size == pytest.approx(4 / 3)
    assert scores.single == pytest.approx(2 / 3)
    assert scores.class_rows.tolist() == [1, 2, 0]
    assert scores.class_coverage[2] is None
    assert scores.to_frame()["mean_size"].tolist()[:2] == [1.0, 1.5]


@pytest.mark.parametrize("coverage", [0.0, 1.0, float("nan")])
def test_a_coverage_out_of_range_is_refused(coverage: float) -> None:
    with pytest.raises(ValueError, match="above 0 and below 1"):
        fit_prediction_sets(predictions(20), coverage)
