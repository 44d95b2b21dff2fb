from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from fer_core.labels.emotions import FERPLUS
from tests.tiny_dataset import tiny_dataset
from training.assets.dataset_facts import dataset_facts, main
from training.datasets import FaceDataset
from training.datasets.ckplus import CkPlusDataset


@pytest.fixture
def ckplus() -> CkPlusDataset:
    """Two sequences of three peak frames: angry and contempt."""
    sequence = np.repeat(["S005_001", "S010_002"], 3)
    return CkPlusDataset(
        images=np.zeros((6, 48, 48), np.uint8),
        label=np.repeat(np.array([0, 6]), 3),
        high_level=np.zeros(6, np.int64),
        action_units=np.zeros((6, 15), np.int8),
        subject=np.array([name[:4] for name in sequence]),
        sequence=sequence,
        frame=np.array([f"{name}_{at}" for at, name in enumerate(sequence)]),
    )


@pytest.fixture
def fer2013() -> FaceDataset:
    """Row r has class r % 7; some test rows are duplicates.

    Rows 0-20 train, 21-34 valid, 35-48 test. Row 35 is row 0, row 41 (neutral) is row 1, and rows
    34 and 48 are row 2.
    """
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[35], images[41] = images[0], images[1]
    images[34] = images[48] = images[2]
    return replace(dataset, images=images)


@pytest.fixture
def ferplus(fer2013: FaceDataset) -> FaceDataset:
    """Without row 0 (angry, train), and with contempt for row 6 (neutral, train)."""
    labels = fer2013.labels.copy()
    labels[6] = FERPLUS.index("contempt")
    kept = fer2013.row_id != 0
    return FaceDataset(
        name="ferplus",
        images=fer2013.images[kept],
        labels=labels[kept],
        label_names=FERPLUS,
        split=fer2013.split[kept],
        row_id=fer2013.row_id[kept],
    )


def test_facts_are_counted(
    fer2013: FaceDataset, ferplus: FaceDataset, ckplus: CkPlusDataset
) -> None:
    facts = dataset_facts(fer2013, ferplus, ckplus, ferplus_training_images=25)
    assert facts.ferplus_training_images == 25
    assert facts.classes["FER2013"].images["Training"] == (3,) * 7
    assert facts.classes["FER+"].images["Training"] == (2, 3, 3, 3, 3, 3, 2, 1)
    assert facts.classes["CK+"].images == {"peak frames": (3, 0, 0, 0, 0, 0, 3)}
    assert (facts.duplicates.surplus, facts.duplicates.in_conflict) == (4, 2)
    duplicates = facts.duplicates.by_split["PrivateTest"]
    assert (duplicates.images, duplicates.duplicates, duplicates.same_label) == (14, 3, 1)
    assert facts.duplicates.by_split["PublicTest"].duplicates == 1
    copies = facts.duplicates
    assert (copies.test_in_validation, copies.test_in_validation_and_training) == (1, 1)
    table = np.array(facts.labels.images["Training"])
    assert table[6].tolist() == [0, 0, 0, 0, 0, 0, 2, 1]
    assert table.trace() == 2 + 5 * 3 + 2
    assert facts.labels.left_out["Training"] == (1, 0, 0, 0, 0, 0, 0)


def test_the_command_prints_missing_data_in_one_line(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    nowhere = str(tmp_path / "nowhere")
    arguments = ["--data", nowhere, "--ferplus", nowhere, "--ckplus", nowhere]
    output = tmp_path / "facts.json"
    result = CliRunner().invoke(app, [*arguments, "--output", str(output)])
    assert result.exit_code == 1
    assert not output.exists()
