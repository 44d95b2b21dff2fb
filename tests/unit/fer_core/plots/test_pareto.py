from __future__ import annotations

import plotly.graph_objects as go
import pytest

from fer_core.evaluation.comparison.pareto import pareto_front
from fer_core.evaluation.result_types import Interval
from fer_core.plots.pareto import pareto_figure

TITLES = {"a": "Model A", "b": "Model B", "c": "Model C"}


def figure(*costs: float) -> go.Figure:
    accuracy = {
        name: Interval(value=value, low=value - 0.02, high=value + 0.03)
        for name, value in zip("abc", (0.6, 0.7, 0.65), strict=True)
    }
    front = pareto_front(accuracy, dict(zip("abc", costs, strict=True)))
    return pareto_figure(front, titles=TITLES, cost_title="MB")


def test_every_point_can_be_clicked_and_the_line_joins_the_front() -> None:
    line, *points = figure(1.0, 2.0, 3.0).data
    assert list(line.x) == [1.0, 2.0]
    assert list(line.y) == [0.6, 0.7]
    by_model = {point.customdata[0][0]: point for point in points}
    assert {name: point.text[0] for name, point in by_model.items()} == TITLES
    assert (by_model["c"].x[0], by_model["c"].y[0]) == (3.0, 0.65)
    assert by_model["c"].error_y.array[0] == pytest.approx(0.03)
    assert by_model["c"].marker.symbol == "circle-open"
    assert by_model["b"].marker.symbol == "circle"


def test_a_wide_range_of_costs_has_a_logarithmic_axis_with_room_for_labels() -> None:
    drawn = figure(1.0, 2.0, 300.0)
    near, far = figure(1.0, 2.0, 3.0).layout.xaxis, drawn.layout.xaxis
    assert near.type is None
    assert near.range[1] > 3
    assert far.type == "log"
    assert far.range[0] < 0
    assert far.range[1] > 2.5
    by_model = {point.customdata[0][0]: point for point in drawn.data[1:]}
    sides = {name: point.textposition for name, point in by_model.items()}
    assert sides == {"a": "top right", "b": "top right", "c": "top left"}


def test_a_single_model_is_on_the_front() -> None:
    accuracy = {"a": Interval(value=0.6, low=0.5, high=0.7)}
    drawn = pareto_figure(pareto_front(accuracy, {"a": 2.0}), titles=TITLES, cost_title="MB")
    assert len(drawn.data) == 2
    assert drawn.layout.xaxis.title.text == "MB"
    assert drawn.layout.font.color is None
