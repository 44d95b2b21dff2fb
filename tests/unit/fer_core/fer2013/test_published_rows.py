from __future__ import annotations

import numpy as np

from fer_core.evaluation.dataset.facts import FER2013_COUNTS
from fer_core.fer2013.published_rows import NO_ROW, load_published_rows
from fer_core.zoo.store import ModelStore
from tests.conftest import PROJECT
from tests.tiny_dataset import tiny_dataset


def test_the_rows_that_ship_are_those_of_the_published_file() -> None:
    rows = load_published_rows()
    counts = {
        usage: tuple(np.bincount(rows.of([usage]).label).tolist()) for usage in FER2013_COUNTS
    }
    assert counts == FER2013_COUNTS
    # FER+ has images of 35,714 rows; 34,034 images are distinct, and 164 are unknown.
    assert rows.has_checksum.sum() == 35_714
    assert len(np.unique(rows.checksum[rows.has_checksum])) == 34_034 - 164


def test_their_labels_are_those_used_for_evaluation() -> None:
    rows = load_published_rows()
    for split in ModelStore(PROJECT / "models").load_predictions("cnn").values():
        np.testing.assert_array_equal(rows.label[split.row_id], split.label)


def test_faces_of_another_dataset_have_no_row() -> None:
    dataset = tiny_dataset()
    usage = np.repeat("Training", len(dataset))
    match = load_published_rows().match(dataset.images, dataset.labels, usage)
    assert (match.row_id == NO_ROW).all()
    assert not match.is_complete
    assert (match.found, match.relabeled, match.by_class_only) == (0, 0, 0)
