from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from fer_core.emotions import FER2013
from fer_core.errors import DatasetError
from tests.tiny_dataset import fer2013_lines, tiny_dataset
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
def test_reads_every_published_form(tmp_path: Path, name: str, header: Sequence[str]) -> None:
    expected = tiny_dataset()
    dataset = read_fer2013_csv(write(tmp_path / name, fer2013_lines(expected, header)))
    assert dataset.name == "fer2013"
    assert dataset.label_names == FER2013
    np.testing.assert_array_equal(dataset.images, expected.images)
    np.testing.assert_array_equal(dataset.labels, expected.labels)
    np.testing.assert_array_equal(dataset.split, expected.split)
    np.testing.assert_array_equal(dataset.row_id, np.arange(len(expected)))


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param(lambda text: text + "\n\n", id="blank lines at the end"),
        pytest.param(lambda text: re.sub(r",([\d ]+),", r',"\1",', text), id="quoted pixels"),
    ],
)
def test_reads_what_other_programs_make_of_the_file(
    tmp_path: Path, rewrite: Callable[[str], str]
) -> None:
    expected = tiny_dataset()
    text = rewrite("\n".join(fer2013_lines(expected)))
    (tmp_path / "fer2013.csv").write_bytes(text.encode())
    dataset = read_fer2013_csv(tmp_path / "fer2013.csv")
    np.testing.assert_array_equal(dataset.images, expected.images)
    np.testing.assert_array_equal(dataset.split, expected.split)


def test_says_that_a_file_of_another_size_is_not_the_published_one(tmp_path: Path) -> None:
    dataset = read_fer2013_csv(write(tmp_path / "fer2013.csv", fer2013_lines(tiny_dataset())))
    assert "test: 21 / 14 / 14; " in dataset.notes[0]
    assert "28,709 / 3,589 / 3,589" in dataset.notes[0]


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        pytest.param(r"\d+,Training", "Training", "columns, received 2", id="torn row"),
        pytest.param("Training", "Training,x", "expected 3 columns, received 4", id="fused row"),
        pytest.param(r"^\d", "7", r"emotion must be 0\.\.6 .*Received: '7'", id="unknown class"),
        pytest.param(r"^\d", "happy", "unknown class.*Received: 'happy'", id="class as a word"),
        pytest.param(r"^\d", "", "unknown class.*Received: ''", id="no class"),
        pytest.param(r" \d+,", ",", r"2304 pixels \(48x48\), received 2303", id="pixel missing"),
        pytest.param(",T", " 9,T", r"2304 pixels \(48x48\), received 2305", id="pixel too many"),
        pytest.param(r",[\d ]+,", ",,", "received 0", id="no pixels"),
        pytest.param(r" \d+,", " 256,", "Received: 256 as pixel 2304", id="pixel too bright"),
        pytest.param(r",\d+ ", ",-1 ", "Received: -1 as pixel 1", id="pixel negative"),
        pytest.param(r" \d+,", " 1.5,", "whole numbers.*Received: '1.5'", id="pixel not whole"),
        pytest.param(r" \d+,", " x,", "whole numbers.*Received: 'x'", id="pixel not a number"),
        pytest.param("Training", "Holdout", "Received: 'Holdout'", id="unknown usage"),
    ],
)
def test_a_defect_is_reported_with_file_and_line(
    tmp_path: Path, pattern: str, replacement: str, message: str
) -> None:
    lines = fer2013_lines(tiny_dataset())
    damaged = re.sub(pattern, replacement, lines[4], count=1)
    assert damaged != lines[4]
    file = write(tmp_path / "fer2013.csv", [*lines[:4], damaged, *lines[5:]])
    with pytest.raises(DatasetError, match=rf"fer2013\.csv, line 5: .*{message}"):
        read_fer2013_csv(file)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "train.csv", ["emotion,pixels", "0,1 2 3"])
    with pytest.raises(DatasetError, match=r"line 1: .*missing: usage. Received: 'emotion,pixels'"):
        read_fer2013_csv(file)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").touch()
    with pytest.raises(DatasetError, match="missing: emotion, pixels, usage"):
        read_fer2013_csv(tmp_path / "fer2013.csv")


def test_a_missing_split_is_named(tmp_path: Path) -> None:
    lines = [line for line in fer2013_lines(tiny_dataset()) if "PrivateTest" not in line]
    with pytest.raises(DatasetError, match="none of 35 rows is PrivateTest"):
        read_fer2013_csv(write(tmp_path / "fer2013.csv", lines))


@pytest.mark.parametrize("name", ["fer2013.csv.gz", "fer2013.zip"])
def test_half_a_download_is_refused(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, fer2013_lines(tiny_dataset()))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(DatasetError, match=r"after line \d+: expected a complete CSV file"):
        read_fer2013_csv(file)


def test_a_picture_is_not_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xd8")
    with pytest.raises(DatasetError, match="expected a complete CSV file"):
        read_fer2013_csv(tmp_path / "fer2013.csv")


def test_an_archive_must_hold_one_csv_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("train.csv", "")
        archive.writestr("test.csv", "")
    with pytest.raises(DatasetError, match=r"exactly one CSV file .* Received: train\.csv, test"):
        read_fer2013_csv(tmp_path / "archive.zip")


def test_finds_the_file_in_a_folder(tmp_path: Path) -> None:
    assert find_fer2013_csv(tmp_path) is None
    file = write(tmp_path / "icml_face_data.csv.gz", fer2013_lines(tiny_dataset(), ICML))
    assert find_fer2013_csv(tmp_path) == file
    assert find_fer2013_csv(file) == file
