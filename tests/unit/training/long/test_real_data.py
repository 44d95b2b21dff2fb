"""The real datasets, and the shipped files that are computed from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_core.evaluation.dataset.facts import load_dataset_facts
from fer_core.fer2013.test_split_faces import load_dataset_faces
from fer_core.zoo.store import ModelStore
from tests.built_once import SAVED_MODELS
from training.artifacts.split_predictions import with_cell_averages
from training.assets.dataset_facts import dataset_facts
from training.datasets import (
    SPLITS,
    duplicates_of_training,
    read_dataset,
    read_ferplus,
)
from training.datasets.ckplus import read_ckplus

COVERS = (
    "fer_core/assets/dataset_facts.json",
    "fer_core/assets/fer2013_rows.npz",
    "fer_core/fer2013/test_split_faces.py",
    "fer_core/fer2013/csv_file.py",
    "fer_core/fer2013/published_rows.py",
    "fer_core/fer2013/table.py",
    "models/*/predictions.npz",
    "training/artifacts/cell_averages.py",
    "training/assets/dataset_facts.py",
    "training/datasets/*.py",
)


def test_the_shipped_facts_match_the_real_data(
    real_fer2013: Path, real_ferplus: Path, real_ckplus: Path
) -> None:
    votes = read_ferplus(real_fer2013, real_ferplus, training_labels="majority")
    distributions = read_ferplus(real_fer2013, real_ferplus)
    facts = dataset_facts(
        read_dataset(real_fer2013),
        votes,
        read_ckplus(real_ckplus),
        ferplus_training_images=int((distributions.split == "train").sum()),
    )
    assert facts == load_dataset_facts()


def test_the_real_dataset_has_its_published_counts(real_fer2013: Path) -> None:
    dataset = read_dataset(real_fer2013)
    counts = [np.bincount(dataset.subset(split).labels).tolist() for split in SPLITS]
    assert counts == [
        [3995, 436, 4097, 7215, 4830, 3171, 4965],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
    ]
    assert dataset.notes == ()
    np.testing.assert_array_equal(dataset.row_id, np.arange(35_887))
    assert len(duplicates_of_training(dataset)) == 288


def test_the_real_votes_give_the_published_counts(real_fer2013: Path, real_ferplus: Path) -> None:
    distributions = read_ferplus(real_fer2013, real_ferplus)
    majority = read_ferplus(real_fer2013, real_ferplus, training_labels="majority")
    assert [len(distributions.subset(s)) for s in SPLITS] == [27_947, 3_191, 3_137]
    assert [len(majority.subset(s)) for s in SPLITS] == [25_045, 3_191, 3_137]


def test_the_shipped_average_faces_match_the_real_data(real_fer2013: Path) -> None:
    (source,) = real_fer2013.glob("fer2013.csv*")
    found = load_dataset_faces(source)
    for card in ModelStore(SAVED_MODELS).list_models().cards:
        report = ModelStore(SAVED_MODELS).load_predictions(card.name)[card.protocol.report_split]
        if report.cell_averages is None:
            continue
        expected = with_cell_averages(report, found.take(report.row_id).images).cell_averages
        assert expected is not None
        np.testing.assert_allclose(report.cell_averages.astype(int), expected, atol=1)
