from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DatasetError
from fer_core.labels.emotions import FER2013
from tests.tiny_dataset import fer2013_lines, publish, tiny_dataset, write_tar
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
def test_reads_every_published_form(
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


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param(lambda text: text + "\n\n  \n", id="blank lines at the end"),
        pytest.param(lambda text: text.replace("PublicTest", "publictest"), id="lower case"),
        pytest.param(lambda text: re.sub("(?m)^", "7,", text), id="another column"),
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


def test_another_order_is_put_back_by_pixels(
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
    assert any("another order than published" in note for note in read.notes)


def test_rows_of_a_part_keep_their_numbers_and_others_get_none_of_theirs(
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
    assert "19 of 21 rows have the pixels of a row" in dataset.notes[1]
    assert "1 rows have the pixels of a published row, but another label" in dataset.notes[2]


def test_what_a_part_lacks_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, tmp_path)
    part = fer2013_lines(tiny_dataset())
    del part[8:12]
    dataset = read_fer2013_csv(write(tmp_path / "fer2013.csv", part))
    assert dataset.row_id.tolist() == [*range(7), *range(11, 49)]
    assert (
        "All 45 rows are rows of the published FER2013 and have its numbers; 4" in dataset.notes[1]
    )


def test_kaggles_archive_is_read_however_far_it_was_unpacked(tmp_path: Path) -> None:
    dataset = tiny_dataset({"train": 1, "valid": 1, "test": 1})
    text = "\n".join(fer2013_lines(dataset))
    members = {"fer2013/README": "48x48", "fer2013/fer2013.bib": "@x", "fer2013/fer2013.csv": text}
    for name in ("fer2013.tar.gz", "fer2013.tar", "gunzipped_and_renamed.csv"):
        write_tar(tmp_path / name, members)
        np.testing.assert_array_equal(read_fer2013_csv(tmp_path / name).images, dataset.images)
    half = (tmp_path / "fer2013.tar.gz").read_bytes()[:-2000]
    (tmp_path / "half.tar.gz").write_bytes(half)
    with pytest.raises(DatasetError, match="expected a complete CSV file"):
        read_fer2013_csv(tmp_path / "half.tar.gz")


def test_of_several_tables_in_an_archive_the_dataset_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "challenge.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("example_submission.csv", "id,emotion\n")
        archive.writestr("data/icml_face_data.csv", "\n".join(fer2013_lines(tiny_dataset(), ICML)))
        archive.writestr("data/._icml_face_data.csv", b"\0")
    assert len(read_fer2013_csv(path)) == 49


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


def test_a_repeated_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "train.csv", ["emotion,pixels,Usage,Pixels", "0,1,Training,2"])
    with pytest.raises(DatasetError, match="once each; repeated: pixels"):
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


def test_an_archive_with_a_password_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "fer2013.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fer2013.csv", "emotion,pixels,Usage")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # of the file's own header: encrypted
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory's
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="encrypted"):
        read_fer2013_csv(path)
