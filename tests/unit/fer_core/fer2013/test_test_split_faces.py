"""The faces of a small file in the format of FER2013."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DatasetError
from fer_core.fer2013.test_split_faces import find_dataset, has_faces, load_dataset_faces
from tests.tiny_dataset import fer2013_lines, publish, tiny_dataset, write_fer2013_csv, write_tar


@pytest.fixture(autouse=True)
def tiny_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny dataset counts as published."""
    publish(monkeypatch, tmp_path)


def gzipped(file: Path) -> Path:
    target = file.with_name("fer2013.csv.gz")
    target.write_bytes(gzip.compress(file.read_bytes()))
    return target


def zipped(file: Path) -> Path:
    target = file.with_name("fer2013.zip")
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(file, "fer2013.csv")
    return target


@pytest.mark.parametrize("pack", [Path, gzipped, zipped])
def test_test_faces_are_found_by_their_row(tmp_path: Path, pack: Callable[[Path], Path]) -> None:
    dataset = tiny_dataset()
    faces = load_dataset_faces(pack(write_fer2013_csv(tmp_path)))
    held_out = dataset.split != "train"
    np.testing.assert_array_equal(faces.row_id, dataset.row_id[held_out])
    np.testing.assert_array_equal(faces.images, dataset.images[held_out])
    wanted = np.array([40, 25, 40])
    taken = faces.take(wanted)
    np.testing.assert_array_equal(taken.images, dataset.images[wanted])
    np.testing.assert_array_equal(taken.label, dataset.labels[wanted])


def test_kaggles_header_with_spaces_is_read(tmp_path: Path) -> None:
    file = tmp_path / "icml_face_data.csv"
    lines = fer2013_lines(tiny_dataset(), ["emotion", " Usage", " pixels"])
    file.write_text("\n".join(lines))
    assert len(load_dataset_faces(file).images) == 28


def test_a_file_without_the_training_rows_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    lines = write_fer2013_csv(tmp_path).read_text().splitlines()
    file.write_text("\n".join([lines[0], *lines[22:]]))
    np.testing.assert_array_equal(load_dataset_faces(file).row_id, np.arange(21, 49))


def test_second_time_comes_from_the_cache_and_a_changed_file_does_not(tmp_path: Path) -> None:
    file = write_fer2013_csv(tmp_path)
    first = load_dataset_faces(file)
    status = file.stat()
    content = file.read_text()
    file.write_text("x" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    np.testing.assert_array_equal(load_dataset_faces(file).images, first.images)
    file.write_text(content.rstrip().rpartition("\n")[0])
    with pytest.raises(DatasetError, match="27 test faces"):
        load_dataset_faces(file)


def test_a_training_row_is_no_test_face(tmp_path: Path) -> None:
    faces = load_dataset_faces(write_fer2013_csv(tmp_path))
    for row in (3, 49):
        with pytest.raises(DatasetError, match=f"row {row}"):
            faces.take(np.array([30, row]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: lines[:-3], "as published"),
        (lambda lines: [line.replace("PublicTest", "Training") for line in lines], "as published"),
        (lambda lines: [line.rpartition(",")[0] for line in lines], "usage"),
        (lambda lines: lines[:22], "expected rows of PublicTest and PrivateTest. Received: none"),
        (lambda lines: lines[:1], "expected rows of PublicTest and PrivateTest. Received: none"),
    ],
)
def test_another_file_is_refused_by_name(
    tmp_path: Path, damage: Callable[[list[str]], list[str]], message: str
) -> None:
    file = tmp_path / "fer2013.csv"
    file.write_text("\n".join(damage(fer2013_lines(tiny_dataset()))))
    with pytest.raises(DatasetError, match=message) as caught:
        load_dataset_faces(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("place", ["fer2013.csv", "fer2013/fer2013.csv.gz", "icml_face_data.zip"])
def test_dataset_is_found_in_the_named_folder_or_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("FER_DATA_DIR", str(tmp_path))
    assert find_dataset() is None
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()
    assert find_dataset() == tmp_path / place


def test_rows_of_ferplus_are_rows_of_fer2013() -> None:
    assert has_faces("fer2013_private_test")
    assert has_faces("ferplus_test")
    assert not has_faces("ckplus")


def test_rows_in_another_order_are_found_by_their_pixels(tmp_path: Path) -> None:
    dataset = tiny_dataset()
    file = write_fer2013_csv(tmp_path)
    header, *rows = file.read_text().splitlines()
    for order in (rows[::-1], sorted(rows), np.random.default_rng(0).permutation(rows)):
        file.write_text("\n".join([header, *order]))
        faces = load_dataset_faces(file)
        np.testing.assert_array_equal(faces.row_id, np.arange(21, 49))
        np.testing.assert_array_equal(faces.images, dataset.images[21:])
        np.testing.assert_array_equal(faces.label, dataset.labels[21:])
        assert faces.notes == ()


def test_faces_of_unknown_pixels_keep_their_place_or_are_marked_as_a_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, tmp_path, without_checksum=(3, 25, 40, 45))
    dataset = tiny_dataset()
    images = dataset.images.copy()
    images[[25, 40, 45]] //= 2  # another copy has different pixels there
    file = write_fer2013_csv(tmp_path, replace(dataset, images=images))
    published = load_dataset_faces(file)
    assert published.notes == ()
    np.testing.assert_array_equal(published.images, images[21:])
    header, *rows = file.read_text().splitlines()
    file.write_text("\n".join([header, *rows[::-1]]))
    turned = load_dataset_faces(file)
    np.testing.assert_array_equal(turned.images, images[21:])  # one of each split and class
    assert "For 3 images, which FER+ marks as not a face, only split and class" in turned.notes[0]
    assert load_dataset_faces(file).notes == turned.notes  # from the cache


@pytest.mark.parametrize(
    ("row", "change", "message"),
    [
        (
            30,
            lambda fields: [fields[0], "255 " + fields[1].split(" ", 1)[1], fields[2]],
            "27 of which have the",
        ),
        (30, lambda fields: ["6", *fields[1:]], "28 of which .* 1 of them with another label"),
        (30, lambda fields: [*fields[:2], "PrivateTest"], "28 of which .* another label or split"),
        (2, lambda fields: [*fields[:2], "PublicTest"], "29 test faces, 28 of which"),
        (30, lambda fields: ["happy", *fields[1:]], "line 32: unknown class"),
    ],
)
def test_faces_that_are_not_the_published_ones_are_refused(
    tmp_path: Path, row: int, change: Callable[[list[str]], list[str]], message: str
) -> None:
    file = write_fer2013_csv(tmp_path)
    lines = file.read_text().splitlines()
    lines[row + 1] = ",".join(change(lines[row + 1].split(",")))
    file.write_text("\n".join(lines))
    with pytest.raises(DatasetError, match=message):
        load_dataset_faces(file)


@pytest.mark.parametrize("name", ["FER2013.csv", "fer2013.tar.gz", "fer2013.csv", "fer2013.zip"])
def test_any_wrapping_and_spelling_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The suffix differs from the content, a tar archive in all cases but the first."""
    text = "\ufeff" + "\r\n".join(fer2013_lines(tiny_dataset())).replace("Public", "PUBLIC")
    monkeypatch.setenv("FER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / name
    if name == "FER2013.csv":
        file.write_text(text)
    else:
        write_tar(file, {"fer2013/README": "48x48, a", "fer2013/fer2013.csv": text})
    found = find_dataset()
    assert found == file
    assert len(load_dataset_faces(found).images) == 28
