from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DatasetError
from fer_core.labels.emotions import FER2013
from tests.tiny_dataset import fer2013_lines, publish, tiny_dataset
from training.datasets.fer2013_csv import find_fer2013_csv, read_fer2013_csv

ORIGINAL = ("emotion", "pixels", "Usage")
ICML = ("emotion", " Usage", " pixels")


def write(path: Path, lines: Sequence[str]) -> Path:
    content = ("\n".join(lines) + "\n").encode()
    if path.suffix == ".gz":
        content = gzip.compress(content)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("fer2013.csv", content)
            archive.writestr("__MACOSX/._fer2013.csv", b"")
        return path
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["fer2013.csv", "fer2013.csv.gz", "fer2013.zip"])
@pytest.mark.parametrize("header", [ORIGINAL, ICML, (" pixels", "Usage", " emotion")])
def test_reads_every_published_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, header: Sequence[str]
) -> None:
    publish(monkeypatch, tmp_path)
    expected = tiny_dataset()
    dataset = read_fer2013_csv(write(tmp_path / name, fer2013_lines(expected, header)))
    assert dataset.name == "fer2013"
    assert dataset.label_names == FER2013
    np.testing.assert_array_equal(dataset.images, expected.images)
    np.testing.assert_array_equal(dataset.labels, expected.labels)
    np.testing.assert_array_equal(dataset.split, expected.split)
    np.testing.assert_array_equal(dataset.row_id, np.arange(len(expected)))


def test_rows_in_another_order_are_sorted_by_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[[8, 30]] = images[2]  # rows 2, 8 and 30 show one face and have three labels
    expected = replace(dataset, images=images)
    publish(monkeypatch, tmp_path, expected)
    header, *lines = fer2013_lines(expected)
    shuffled = np.random.default_rng(1).permutation(lines).tolist()
    read = read_fer2013_csv(write(tmp_path / "fer2013.csv", [header, *shuffled]))
    assert read.fingerprint() == expected.fingerprint()
    assert any("not in the published order" in note for note in read.notes)


def test_published_rows_keep_their_numbers_and_other_rows_get_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, tmp_path)
    header, *lines = fer2013_lines(tiny_dataset())
    other = re.sub(r"\d+,Training", "255,Training", lines[20])
    doubled = lines[4]
    relabeled = "6" + lines[7][1:]
    part = [header, *lines[40:], *lines[22:30], doubled, lines[4], other, relabeled]
    dataset = read_fer2013_csv(write(tmp_path / "fer2013.csv", part))
    assert dataset.row_id.tolist() == [*range(40, 49), *range(22, 30), 4, 49 + 18, 49 + 19, 7]
    assert "19 of 21 rows match a row" in dataset.notes[1]
    assert "1 rows have the pixels of a published row, but a different label" in dataset.notes[2]


def test_missing_rows_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, tmp_path)
    part = fer2013_lines(tiny_dataset())
    del part[8:12]
    dataset = read_fer2013_csv(write(tmp_path / "fer2013.csv", part))
    assert dataset.row_id.tolist() == [*range(7), *range(11, 49)]
    assert (
        "All 45 rows are from the published FER2013 and have its row numbers; 4" in dataset.notes[1]
    )


def test_a_file_of_another_size_is_reported_as_not_the_published_one(tmp_path: Path) -> None:
    dataset = read_fer2013_csv(write(tmp_path / "fer2013.csv", fer2013_lines(tiny_dataset())))
    assert "test: 21 / 14 / 14; " in dataset.notes[0]
    assert "28,709 / 3,589 / 3,589" in dataset.notes[0]


def test_a_missing_split_is_named(tmp_path: Path) -> None:
    lines = [line for line in fer2013_lines(tiny_dataset()) if "PrivateTest" not in line]
    with pytest.raises(DatasetError, match="none of 35 rows is PrivateTest"):
        read_fer2013_csv(write(tmp_path / "fer2013.csv", lines))


def test_finds_the_file_in_a_folder(tmp_path: Path) -> None:
    assert find_fer2013_csv(tmp_path) is None
    file = write(tmp_path / "icml_face_data.csv.gz", fer2013_lines(tiny_dataset(), ICML))
    assert find_fer2013_csv(tmp_path) == file
    assert find_fer2013_csv(file) == file
