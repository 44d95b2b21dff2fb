from __future__ import annotations

import numpy as np
import pytest

from fer_core.evaluation.comparison.aligned_predictions import AlignedPredictions
from fer_core.evaluation.comparison.example_difficulty import (
    difficulty,
    error_counts,
    hardest_first,
)


@pytest.fixture
def aligned() -> AlignedPredictions:
    """Two models, two classes; the first class is true in rows 0 to 2, the second in row 3."""
    first = np.array([0.9, 0.4, 0.1, 0.8])
    second = np.array([0.8, 0.6, 0.3, 0.7])
    of_both = np.stack([first, second], axis=1)
    probabilities = np.stack([of_both, 1 - of_both], axis=2).astype(np.float32)
    return AlignedPredictions(
        ("no", "yes"), ("a", "b"), np.arange(4) + 10, np.array([0, 0, 0, 1]), probabilities
    )


def test_rows_are_counted_by_class_and_number_of_models_in_error(
    aligned: AlignedPredictions,
) -> None:
    assert error_counts(aligned).tolist() == [0, 1, 2, 2]
    found = difficulty(aligned)
    assert found.counts.tolist() == [[1, 1, 1], [0, 0, 1]]
    frame = found.to_frame()
    assert frame["rows"].sum() == len(aligned)
    assert frame.query("label == 'yes' and models_in_error == 2")["share"].item() == 1
    assert frame.query("label == 'no' and models_in_error == 0")["share"].item() == (
        pytest.approx(1 / 3)
    )


def test_more_errors_come_first_and_then_less_belief_in_the_label(
    aligned: AlignedPredictions,
) -> None:
    # Belief in the label: row 12 (0.1 + 0.3) / 2 = 0.20, row 13 (0.2 + 0.3) / 2 = 0.25.
    assert hardest_first(aligned).row_id.tolist() == [12, 13, 11, 10]
