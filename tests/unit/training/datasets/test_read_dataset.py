from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DatasetError
from tests.tiny_dataset import tiny_dataset, write_fer2013_csv
from training.datasets import read_dataset
from training.datasets.folders import read_folders


def test_a_file_and_the_folder_it_lies_in_give_the_same_dataset(tmp_path: Path) -> None:
    file = write_fer2013_csv(tmp_path)
    for path in (file, str(file), tmp_path):
        np.testing.assert_array_equal(read_dataset(path).images, tiny_dataset().images)


def test_a_folder_without_a_csv_file_is_read_as_pictures(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="one folder per class") as from_dispatch:
        read_dataset(tmp_path)
    with pytest.raises(DatasetError) as from_reader:
        read_folders(tmp_path)
    assert str(from_dispatch.value) == str(from_reader.value)


def test_an_empty_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"There is no dataset at .*nowhere"):
        read_dataset(tmp_path / "nowhere")
