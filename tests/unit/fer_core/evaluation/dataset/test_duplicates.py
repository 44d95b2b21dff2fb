from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from fer_core.evaluation.dataset.duplicates import duplicate_table
from fer_core.evaluation.predictions import SplitPredictions


def predictions(
    is_correct: NDArray[np.bool_], is_duplicate: NDArray[np.bool_] | None
) -> SplitPredictions:
    label = np.zeros(len(is_correct), np.int64)
    probabilities = np.eye(2, dtype=np.float32)[np.where(is_correct, 0, 1)]
    return SplitPredictions(
        "test",
        ("no", "yes"),
        np.arange(len(label)),
        label,
        probabilities,
        has_training_duplicate=is_duplicate,
    )


def wilson(right: int, rows: int) -> tuple[float, float]:
    """Wilson 1927, in closed form."""
    z, share = norm.ppf(0.975), right / rows
    center = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return center - half, center + half


def test_accuracy_on_duplicates_and_on_others() -> None:
    is_duplicate = np.arange(50) < 10
    is_correct = np.where(is_duplicate, np.arange(50) < 9, np.arange(50) % 2 == 0)
    table = duplicate_table({"a": predictions(is_correct, is_duplicate)})
    scores = table.scores["a"]
    assert (scores.n_duplicates, scores.n_others) == (10, 40)
    assert (scores.duplicates.value, scores.others.value) == (0.9, 0.5)
    assert (scores.duplicates.low, scores.duplicates.high) == pytest.approx(wilson(9, 10))
    assert (scores.others.low, scores.others.high) == pytest.approx(wilson(20, 40))
    frame = table.to_frame()
    assert frame["images"].tolist() == ["duplicates", "others"]
    assert frame["accuracy"].tolist() == [0.9, 0.5]


@pytest.mark.parametrize("is_duplicate", [None, np.zeros(4, bool), np.ones(4, bool)])
def test_models_without_duplicates_are_left_out(is_duplicate: NDArray[np.bool_] | None) -> None:
    assert duplicate_table({"a": predictions(np.ones(4, bool), is_duplicate)}).scores == {}
