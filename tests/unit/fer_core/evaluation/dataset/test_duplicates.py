from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from fer_core.evaluation.dataset.duplicates import twin_table
from fer_core.evaluation.predictions import SplitPredictions


def predictions(is_right: NDArray[np.bool_], is_twin: NDArray[np.bool_] | None) -> SplitPredictions:
    label = np.zeros(len(is_right), np.int64)
    probabilities = np.eye(2, dtype=np.float32)[np.where(is_right, 0, 1)]
    return SplitPredictions(
        "test",
        ("no", "yes"),
        np.arange(len(label)),
        label,
        probabilities,
        has_training_twin=is_twin,
    )


def wilson(right: int, rows: int) -> tuple[float, float]:
    """Wilson 1927, in closed form."""
    z, share = norm.ppf(0.975), right / rows
    center = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return center - half, center + half


def test_accuracy_on_twins_and_on_others() -> None:
    is_twin = np.arange(50) < 10
    is_right = np.where(is_twin, np.arange(50) < 9, np.arange(50) % 2 == 0)
    table = twin_table({"a": predictions(is_right, is_twin)})
    scores = table.scores["a"]
    assert (scores.n_twins, scores.n_others) == (10, 40)
    assert (scores.twins.value, scores.others.value) == (0.9, 0.5)
    assert (scores.twins.low, scores.twins.high) == pytest.approx(wilson(9, 10))
    assert (scores.others.low, scores.others.high) == pytest.approx(wilson(20, 40))
    frame = table.to_frame()
    assert frame["images"].tolist() == ["duplicates", "others"]
    assert frame["accuracy"].tolist() == [0.9, 0.5]


@pytest.mark.parametrize("is_twin", [None, np.zeros(4, bool), np.ones(4, bool)])
def test_models_without_twins_are_left_out(is_twin: NDArray[np.bool_] | None) -> None:
    assert twin_table({"a": predictions(np.ones(4, bool), is_twin)}).scores == {}
