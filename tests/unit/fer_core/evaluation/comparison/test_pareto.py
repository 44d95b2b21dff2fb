from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.evaluation.comparison.pareto import pareto_front
from fer_core.evaluation.result_types import Interval

models = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=8)


def accuracy(value: float) -> Interval:
    return Interval(value=value, low=max(value - 0.1, 0.0), high=value)


def test_front_holds_what_nothing_beats() -> None:
    found = pareto_front(
        {
            "small": accuracy(0.6),
            "slow": accuracy(0.6),
            "best": accuracy(0.7),
            "bad": accuracy(0.5),
        },
        {"small": 1.0, "slow": 3.0, "best": 2.0, "bad": 2.0},
    )
    assert [point.model for point in found.front] == ["small", "best"]
    assert [point.model for point in found.points] == ["small", "bad", "best", "slow"]
    table = found.to_frame()
    assert table.set_index("model")["on_front"].to_dict() == {
        "small": True,
        "bad": False,
        "best": True,
        "slow": False,
    }


@given(models)
def test_front_follows_the_definition(values: list[tuple[int, int]]) -> None:
    accuracies = {str(index): accuracy(value / 10) for index, (value, _) in enumerate(values)}
    costs = {str(index): float(cost) for index, (_, cost) in enumerate(values)}
    found = pareto_front(accuracies, costs)
    for point in found.points:
        beaten = any(
            other.cost <= point.cost
            and other.accuracy.value >= point.accuracy.value
            and (other.cost, other.accuracy.value) != (point.cost, point.accuracy.value)
            for other in found.points
        )
        assert point.on_front == (not beaten)
    gained = [point.accuracy.value for point in found.front]
    assert gained == sorted(gained)


def test_a_model_without_a_cost_is_refused() -> None:
    with pytest.raises(ValueError, match="cost for each"):
        pareto_front({"a": accuracy(0.5)}, {})
