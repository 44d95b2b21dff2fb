"""The rows of FER2013 in every file format in use, and every defect."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DatasetError
from fer_core.fer2013.table import load_table
from tests.tiny_dataset import USAGE, fer2013_lines, tiny_dataset, write_tar

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
    table = load_table(tmp_path / "fer2013.csv")
    np.testing.assert_array_equal(table.images, expected.images)
    np.testing.assert_array_equal(table.label, expected.labels)
    np.testing.assert_array_equal(table.usage, [USAGE[split] for split in expected.split.tolist()])


def test_kaggles_archive_is_read_however_far_it_was_unpacked(tmp_path: Path) -> None:
    dataset = tiny_dataset({"train": 1, "valid": 1, "test": 1})
    text = "\n".join(fer2013_lines(dataset))
    members = {"fer2013/README": "48x48", "fer2013/fer2013.bib": "@x", "fer2013/fer2013.csv": text}
    for name in ("fer2013.tar.gz", "fer2013.tar", "gunzipped_and_renamed.csv"):
        write_tar(tmp_path / name, members)
        np.testing.assert_array_equal(load_table(tmp_path / name).images, dataset.images)
    half = (tmp_path / "fer2013.tar.gz").read_bytes()[:-2000]
    (tmp_path / "half.tar.gz").write_bytes(half)
    with pytest.raises(DatasetError, match="expected a complete CSV file"):
        load_table(tmp_path / "half.tar.gz")


def test_of_several_tables_in_an_archive_the_dataset_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "challenge.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("example_submission.csv", "id,emotion\n")
        archive.writestr("data/icml_face_data.csv", "\n".join(fer2013_lines(tiny_dataset(), ICML)))
        archive.writestr("data/._icml_face_data.csv", b"\0")
    assert len(load_table(path)) == 49


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
        pytest.param(r" \d+,", " 1.5,", "integers.*Received: '1.5'", id="pixel not whole"),
        pytest.param(r" \d+,", " x,", "integers.*Received: 'x'", id="pixel not a number"),
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
        load_table(file)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "train.csv", ["emotion,pixels", "0,1 2 3"])
    with pytest.raises(DatasetError, match=r"line 1: .*missing: usage. Received: 'emotion,pixels'"):
        load_table(file)


def test_a_repeated_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "train.csv", ["emotion,pixels,Usage,Pixels", "0,1,Training,2"])
    with pytest.raises(DatasetError, match="once each; repeated: pixels"):
        load_table(file)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").touch()
    with pytest.raises(DatasetError, match="missing: emotion, pixels, usage"):
        load_table(tmp_path / "fer2013.csv")


@pytest.mark.parametrize("name", ["fer2013.csv.gz", "fer2013.zip"])
def test_half_a_download_is_refused(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, fer2013_lines(tiny_dataset()))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(DatasetError, match=r"after line \d+: expected a complete CSV file"):
        load_table(file)


def test_a_picture_is_not_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xd8")
    with pytest.raises(DatasetError, match="expected a complete CSV file"):
        load_table(tmp_path / "fer2013.csv")


def test_an_archive_must_hold_one_csv_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("train.csv", "")
        archive.writestr("test.csv", "")
    with pytest.raises(DatasetError, match=r"exactly one CSV file .* Received: train\.csv, test"):
        load_table(tmp_path / "archive.zip")


def test_an_encrypted_archive_is_rejected_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "fer2013.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fer2013.csv", "emotion,pixels,Usage")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # encryption flag in the local file header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the central directory
    path.write_bytes(data)
    with pytest.raises(DatasetError, match="encrypted"):
        load_table(path)
