from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from training.assets.dataset_report import app, class_distribution, print_report, twins_by_split
from training.datasets import FaceDataset, find_duplicates


@pytest.fixture
def dataset() -> FaceDataset:
    """Rows 0-20 train, 35-48 test; row r has class r % 7; test row 41 (neutral) is train row 1."""
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[35] = images[0]
    images[41] = images[1]
    return replace(dataset, images=images, notes=("A split was made.",))


def test_class_distribution_counts_each_split(dataset: FaceDataset) -> None:
    labels = np.where(dataset.row_id == 0, 3, dataset.labels)  # one training face angry -> happy
    frame = class_distribution(replace(dataset, labels=labels)).to_frame().set_index("class")
    assert list(frame.loc["happy", ["train", "valid", "test", "total"]]) == [4, 2, 2, 8]
    assert list(frame.loc["angry", ["train", "valid", "test", "total"]]) == [2, 2, 2, 6]
    assert frame["share"].sum() == pytest.approx(1.0)


def test_twins_tell_whether_the_label_is_the_same(dataset: FaceDataset) -> None:
    valid, test = twins_by_split(dataset, find_duplicates(dataset))
    assert (valid.split, valid.n_rows, valid.n_twins, valid.n_same_label) == ("valid", 14, 0, 0)
    assert (test.split, test.n_rows, test.n_twins, test.n_same_label) == ("test", 14, 2, 1)


def test_the_report_shows_notes_counts_and_conflicts(dataset: FaceDataset) -> None:
    stream = io.StringIO()
    print_report(dataset, Console(file=stream, width=120))
    text = stream.getvalue()
    assert "A split was made." in text
    assert "2 rows repeat the image of another row. 1 images stand in rows with" in text
    assert "1 (train), 41 (test)" in text
    assert "disgust, neutral" in text


def test_the_command_prints_the_report(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--data", str(write_fer2013_csv(tmp_path))])
    assert result.exit_code == 0
    assert "fer2013: 49 faces" in result.stdout
    assert "not the published FER2013" in result.stdout


def test_the_command_says_in_a_line_what_is_wrong(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--data", str(tmp_path / "nowhere")])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("There is no dataset at")
