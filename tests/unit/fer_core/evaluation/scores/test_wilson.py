from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fer_core.evaluation.scores.wilson import wilson, wilson_f1


@pytest.mark.parametrize(("hits", "errors"), [(0, 15), (4, 13), (40, 12), (9, 0)])
def test_limits_of_f1_are_where_the_score_test_is_just_significant(hits: int, errors: int) -> None:
    found = wilson_f1(hits, errors)
    assert found.value == pytest.approx(2 * hits / (2 * hits + errors))
    rows, quantile = hits + errors, stats.norm.ppf(0.975)
    for limit in (found.low, found.high):
        jaccard = limit / (2 - limit)
        excess = abs(hits / rows - jaccard)
        assert excess == pytest.approx(quantile * (jaccard * (1 - jaccard) / rows) ** 0.5, abs=1e-7)


def test_without_rows_anything_is_possible() -> None:
    for found in (wilson(0, 0), wilson_f1(0, 0)):
        assert (found.value, found.low, found.high) == (0, 0, 1)


def test_the_interval_of_f1_covers_the_true_one_for_a_rare_class() -> None:
    """20 faces in 1000, about half of them found, and about as many false alarms."""
    rng = np.random.default_rng(0)
    hits, missed, false_alarms, _ = rng.multinomial(1000, (0.01, 0.01, 0.01, 0.97), size=600).T
    intervals = [
        wilson_f1(int(hit), int(other))
        for hit, other in zip(hits, missed + false_alarms, strict=True)
    ]
    covered = np.mean([each.low <= 0.5 <= each.high for each in intervals])
    assert covered == pytest.approx(0.95, abs=0.03)
