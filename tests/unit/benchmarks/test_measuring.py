from __future__ import annotations

import pytest

from benchmarks.measuring import growth


@pytest.mark.parametrize(("values", "expected"), [([9, 1, 3, 5, 7], 2.0), ([9, 4, 4, 4], 0.0)])
def test_growth_is_the_slope_after_the_warm_up(values: list[float], expected: float) -> None:
    assert growth(values, after=1) == pytest.approx(expected)
