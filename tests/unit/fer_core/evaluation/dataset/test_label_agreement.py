from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from fer_core.evaluation.dataset.facts import LabelContingencyTable
from fer_core.evaluation.dataset.label_agreement import LabelAgreement, label_agreement

TABLE = LabelContingencyTable(
    fer2013=("no", "yes"),
    ferplus=("no", "yes", "maybe"),
    images={"train": ((5, 2, 1), (0, 7, 3)), "test": ((1, 1, 0), (2, 4, 0))},
    left_out={"train": (3, 0), "test": (0, 2)},
)


def as_labels(agreement: LabelAgreement) -> tuple[list[str], list[str]]:
    pairs = [
        (row, column)
        for (at_row, row) in enumerate(agreement.rows)
        for (at_column, column) in enumerate(agreement.columns)
        for _ in range(agreement.counts[at_row, at_column])
    ]
    return [row for row, _ in pairs], [column for _, column in pairs]


@pytest.mark.parametrize("split", [None, "train", "test"])
def test_agreement_and_kappa_are_those_of_the_single_images(split: str | None) -> None:
    agreement = label_agreement(TABLE, split)
    first, second = as_labels(agreement)
    assert agreement.agreement == pytest.approx(np.mean(np.array(first) == np.array(second)))
    assert agreement.kappa == pytest.approx(cohen_kappa_score(first, second))


def test_all_splits_are_added_up() -> None:
    agreement = label_agreement(TABLE)
    assert agreement.counts.tolist() == [[6, 3, 1], [2, 11, 3]]
    frame = agreement.to_frame().set_index("label")
    assert frame.loc["yes"].to_dict() == {"no": 2, "yes": 11, "maybe": 3, "left_out": 2}
    assert agreement.shares.sum(axis=1).tolist() == pytest.approx([1, 1])


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="one of train, test"):
        label_agreement(TABLE, "valid")
