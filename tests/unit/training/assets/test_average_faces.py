from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_core.errors import DatasetError
from fer_core.labels.emotions import FER2013
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from training.assets.average_faces import OUTPUT, app, average_faces, write_average_faces


def test_the_average_shows_what_the_faces_of_a_class_share() -> None:
    averages = average_faces(tiny_dataset({"train": 30, "valid": 1, "test": 1}))
    assert tuple(averages) == FER2013
    for label, name in enumerate(FER2013):
        rows = averages[name].mean(axis=1)
        assert set(np.argsort(rows)[-6:]) == set(range(6 * label, 6 * label + 6))


def test_only_training_faces_count() -> None:
    dataset = tiny_dataset()
    inverted = np.where((dataset.split == "train")[:, None, None], dataset.images, 0)
    other = replace(dataset, images=inverted.astype(np.uint8))
    for name, average in average_faces(dataset).items():
        np.testing.assert_array_equal(average, average_faces(other)[name])


def test_dark_and_bright_photos_count_the_same() -> None:
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[:7] //= 4  # the first of three training faces of each class
    dimmed = average_faces(replace(dataset, images=images))
    for name, average in average_faces(dataset).items():
        assert np.abs(average.astype(int) - dimmed[name]).mean() < 2


def test_averages_use_the_whole_range_of_gray() -> None:
    for average in average_faces(tiny_dataset()).values():
        assert (average.min(), average.max()) == (0, 255)


def test_a_class_without_training_faces_is_named() -> None:
    dataset = tiny_dataset()
    labels = np.where(dataset.labels == 1, 0, dataset.labels)
    with pytest.raises(DatasetError, match="no training face of class disgust"):
        average_faces(replace(dataset, labels=labels))


def test_one_gray_picture_per_class_is_written(tmp_path: Path) -> None:
    files = write_average_faces(tiny_dataset(), tmp_path / "faces")
    assert [file.stem for file in files] == list(FER2013)
    expected = average_faces(tiny_dataset())
    for file in files:
        image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(image, expected[file.stem])


def test_the_command_names_the_files_it_wrote(tmp_path: Path) -> None:
    arguments = ["--data", str(write_fer2013_csv(tmp_path)), "--output", str(tmp_path / "faces")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    written = [str(tmp_path / "faces" / f"{label}.png") for label in FER2013]
    assert result.stdout.splitlines() == written


def test_the_command_prints_errors_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--data", str(tmp_path / "nowhere")])
    assert result.exit_code == 1
    assert result.stderr.startswith("There is no dataset at")


def test_the_pictures_in_the_repository_are_complete() -> None:
    assert {file.name for file in OUTPUT.iterdir()} == {f"{label}.png" for label in FER2013}
    for file in OUTPUT.iterdir():
        image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        assert image is not None
        assert image.shape == (48, 48)
        assert image.dtype == np.dtype(np.uint8)
        assert np.ptp(image) == 255
