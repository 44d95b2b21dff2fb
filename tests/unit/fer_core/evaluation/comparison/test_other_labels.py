from __future__ import annotations

import numpy as np
import pytest

from fer_core.evaluation import SplitPredictions
from fer_core.evaluation.comparison import against_other_labels
from fer_core.evaluation.scores import wilson

LABELS = ("angry", "happy", "sad")


def predictions(label: list[int], predicted: list[int]) -> SplitPredictions:
    rows = len(label)
    probabilities = np.full((rows, 3), 0.1, np.float32)
    probabilities[np.arange(rows), predicted] = 0.8
    return SplitPredictions(
        "test", LABELS, np.arange(10, 10 + rows), np.array(label), probabilities
    )


def test_errors_of_the_label_are_told_from_errors_of_the_model() -> None:
    own = predictions([0, 1, 2, 0, 1], [0, 2, 2, 1, 0])
    # Row 14 has no other label, row 13 one that the model cannot predict.
    found = against_other_labels(
        own, np.array([12, 11, 10, 13]), np.array(["sad", "sad", "happy", "contempt"])
    )
    assert found is not None
    assert found.rows == 3
    assert found.own == wilson(2, 3)  # rows 10 and 12
    assert found.other == wilson(2, 3)  # rows 11 and 12
    assert found.agreement == pytest.approx(1 / 3)
    assert found.errors == 1
    assert found.errors_confirmed == wilson(1, 1)


def test_without_common_rows_there_is_no_answer() -> None:
    assert against_other_labels(predictions([0], [0]), np.array([99]), np.array(["sad"])) is None


def test_without_errors_nothing_is_confirmed() -> None:
    found = against_other_labels(predictions([0], [0]), np.array([10]), np.array(["angry"]))
    assert found is not None
    assert found.errors_confirmed is None
