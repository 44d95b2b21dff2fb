from __future__ import annotations

import numpy as np
import pytest

from fer_core.evaluation.comparison.example_difficulty import Difficulty
from fer_core.evaluation.dataset.duplicates import DuplicateScores, DuplicateTable
from fer_core.evaluation.dataset.facts import load_dataset_facts
from fer_core.evaluation.dataset.label_agreement import label_agreement
from fer_core.evaluation.result_types import Interval
from fer_core.plots.dataset import (
    Numbers,
    class_counts_figure,
    difficulty_figure,
    duplicates_figure,
    label_agreement_figure,
)

FACTS = load_dataset_facts()


@pytest.mark.parametrize("dataset", FACTS.classes)
def test_every_split_has_a_bar_for_every_class(dataset: str) -> None:
    counts = FACTS.classes[dataset]
    figure = class_counts_figure(counts, "images")
    assert {bar.name: tuple(bar.x) for bar in figure.data} == counts.images
    assert all(tuple(bar.y) == counts.labels for bar in figure.data)
    shares = class_counts_figure(counts, "share")
    assert [sum(bar.x) for bar in shares.data] == pytest.approx([1.0] * len(counts.images))
    assert figure.layout.showlegend == (len(counts.images) > 1)


def test_bars_of_difficulty_add_up_to_whole_classes() -> None:
    found = Difficulty(("no", "yes"), np.array([[6, 3, 1], [1, 1, 2]]))
    figure = difficulty_figure(found)
    assert [bar.name for bar in figure.data] == ["all incorrect", "1 of 2 incorrect", "all correct"]
    assert [list(bar.customdata) for bar in figure.data] == [[1, 2], [3, 1], [6, 1]]
    assert np.sum([bar.x for bar in figure.data], axis=0).tolist() == pytest.approx([1, 1])
    alone = difficulty_figure(Difficulty(("no", "yes"), np.array([[6, 3], [1, 1]])))
    assert [bar.name for bar in alone.data] == ["incorrect", "correct"]


@pytest.mark.parametrize(("numbers", "text"), [("share", "93%"), ("images", "8,156")])
def test_the_matrix_shows_shares_or_counts_of_both_labels(numbers: Numbers, text: str) -> None:
    agreement = label_agreement(FACTS.labels)
    (heatmap,) = label_agreement_figure(agreement, numbers).data
    row, column = agreement.rows.index("happy"), agreement.columns.index("happy")
    assert np.shape(heatmap.z) == (7, 8)
    assert heatmap.text[row][column] == text
    assert heatmap.customdata[row][column][0] == agreement.counts[row, column]


def test_duplicates_and_others_have_a_point_with_its_interval_for_every_model() -> None:
    scores = DuplicateScores(
        n_duplicates=10,
        n_others=40,
        duplicates=Interval(value=0.9, low=0.6, high=0.95),
        others=Interval(value=0.5, low=0.4, high=0.7),
    )
    figure = duplicates_figure(
        DuplicateTable({"a": scores, "b": scores}), titles={"a": "A", "b": "B"}
    )
    duplicates, others = figure.data
    assert list(duplicates.y) == ["A", "B"]
    assert list(duplicates.x) == [0.9, 0.9]
    assert list(others.error_x.array) == pytest.approx([0.2, 0.2])
    assert list(others.error_x.arrayminus) == pytest.approx([0.1, 0.1])
