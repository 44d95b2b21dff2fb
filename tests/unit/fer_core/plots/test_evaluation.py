"""Figures of an evaluation show what their data objects hold."""

from __future__ import annotations

import numpy as np

from fer_core.benchmark import slice_report
from fer_core.plots import sets_matrix_figure, slices_figure
from tests.unit.fer_core.benchmark.evaluations import made_up


def test_every_slice_is_a_dot_with_its_interval_and_small_ones_are_hollow() -> None:
    kind = np.array(["often"] * 380 + ["rarely"] * 20)
    report = slice_report(made_up(columns={"kind": kind}), "model")
    (dots,) = slices_figure(report).data
    assert list(dots.x) == [each.accuracy.value for each in report.slices]
    assert list(dots.y[1]) == ["often (380)", "rarely (20)"]
    assert list(dots.marker.symbol) == ["circle", "circle-open"]
    assert "too few to test" in dots.customdata[1][1]


def test_a_model_that_was_not_evaluated_on_a_set_has_a_blank() -> None:
    accuracy: dict[str, dict[str, float | None]] = {"CNN": {"FER2013": 0.71, "JAFFE": None}}
    accuracy |= {"VGG19": {"FER2013": 0.72, "JAFFE": 0.5}}
    (cells,) = sets_matrix_figure(accuracy, ["FER2013", "FER2013"]).data
    assert [list(row) for row in cells.text] == [["71%", ""], ["72%", "50%"]]
