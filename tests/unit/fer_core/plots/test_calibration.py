from __future__ import annotations

import numpy as np

from fer_core.evaluation.reliability.calibration import reliability
from fer_core.evaluation.reliability.selective import (
    risk_coverage,
    selective_scores,
    threshold_sweep,
)
from fer_core.plots.calibration import (
    reliability_figure,
    risk_coverage_figure,
    threshold_figure,
)

PROBABILITIES = np.array([[0.95, 0.05], [0.9, 0.1], [0.3, 0.7], [0.45, 0.55]], np.float32)
LABEL = np.array([0, 1, 1, 0])


def test_reliability_diagram_has_the_row_counts_below_it() -> None:
    found = reliability(PROBABILITIES, LABEL, bins=5)
    figure = reliability_figure(found, confidence_title="Confidence", accuracy_title="Accuracy")
    bars, ideal, points, rows = figure.data
    np.testing.assert_array_equal(bars.y, found.accuracy)
    assert list(ideal.x) == list(ideal.y) == [0, 1]
    np.testing.assert_array_equal(points.x, found.confidence[found.count > 0])
    assert rows.y.tolist() == [0, 0, 1, 1, 2]
    assert rows.yaxis == "y2"


def test_the_threshold_is_marked_in_both_figures() -> None:
    sweep = threshold_sweep(PROBABILITIES, LABEL)
    figure = threshold_figure(sweep, 0.6)
    assert figure.layout.shapes[0].x0 == 0.6
    np.testing.assert_array_equal(figure.data[0].y, sweep.coverage)
    np.testing.assert_array_equal(figure.data[1].y, sweep.accuracy)

    curve = risk_coverage(PROBABILITIES, LABEL)
    chosen = selective_scores(PROBABILITIES, LABEL, ("a", "b"), 0.6)
    line, mark = risk_coverage_figure(curve, chosen).data
    np.testing.assert_array_equal(line.y, curve.risk)
    assert (mark.x[0], round(mark.y[0], 6)) == (0.75, round(1 / 3, 6))


def test_nothing_is_marked_at_zero_coverage() -> None:
    chosen = selective_scores(PROBABILITIES, LABEL, ("a", "b"), 1.0)
    assert len(risk_coverage_figure(risk_coverage(PROBABILITIES, LABEL), chosen).data) == 1
