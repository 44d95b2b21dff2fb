from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_core.errors import DatasetError
from fer_core.labels.emotions import CKPLUS, FER2013
from fer_core.preprocessing.preprocess import (
    Denoising,
    Equalization,
    PreprocessingConfig,
    Scaling,
    preprocess,
    preprocess_batch,
)
from tests.long_paths import put_unreadable_folder
from training.datasets import read_dataset
from training.datasets.folders import read_folders
from training.datasets.pictures import list_files


def write_pictures(
    folder: Path, classes: Iterable[str] = FER2013, count: int = 3, size: int = 48
) -> None:
    """Writes `<folder>/<class>/<number>.png`; no two pictures are identical."""
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            generator = np.random.default_rng([*str(folder / name).encode(), number])
            image = generator.integers(0, 256, (size, size), np.uint8)
            cv2.imwrite(str(folder / name / f"{number:02d}.png"), image)


def test_reads_train_and_test_with_their_pixels(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", count=10)
    write_pictures(tmp_path / "test", count=2)
    dataset = read_folders(tmp_path)
    assert dataset.label_names == FER2013
    assert len(dataset.subset("test")) == 14
    happy = dataset.subset("test").images[dataset.subset("test").labels == FER2013.index("happy")]
    for number, image in enumerate(happy):
        expected = cv2.imread(str(tmp_path / f"test/happy/{number:02d}.png"), cv2.IMREAD_GRAYSCALE)
        np.testing.assert_array_equal(image, expected)


def test_a_missing_split_is_held_out_from_training_and_reported(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", count=10)
    write_pictures(tmp_path / "test", count=2)
    dataset = read_folders(tmp_path)
    assert np.bincount(dataset.subset("valid").labels).tolist() == [1] * 7
    assert len(dataset.subset("train")) == 63
    (note,) = dataset.notes
    assert "has no valid split: a tenth of the training pictures" in note


def test_reads_images_train_and_images_validation(tmp_path: Path) -> None:
    write_pictures(tmp_path / "images" / "train", count=10)
    write_pictures(tmp_path / "images" / "validation", count=2)
    dataset = read_folders(tmp_path)
    assert [len(dataset.subset(s)) for s in ("train", "valid", "test")] == [63, 14, 7]
    assert "has no test split" in dataset.notes[0]


def test_reads_three_splits_without_a_note(tmp_path: Path) -> None:
    for split in ("Training", "Val", "Testing"):
        write_pictures(tmp_path / split, ["Anger", "Happiness"], count=2)
    dataset = read_folders(tmp_path)
    assert dataset.label_names == ("angry", "happy")
    assert [len(dataset.subset(s)) for s in ("train", "valid", "test")] == [4, 4, 4]
    assert dataset.notes == ()


def test_a_split_does_not_depend_on_the_location_of_the_folder(tmp_path: Path) -> None:
    write_pictures(tmp_path / "here", ["happy", "sad"], count=20)
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "happy").rename(tmp_path / "there" / "Joy")
    (tmp_path / "here" / "sad").rename(tmp_path / "there" / "sadness")
    first = read_folders(tmp_path / "there")
    (tmp_path / "there").rename(tmp_path / "elsewhere")
    second = read_folders(tmp_path / "elsewhere")
    np.testing.assert_array_equal(first.split, second.split)
    assert [len(first.subset(s)) for s in ("train", "valid", "test")] == [32, 4, 4]
    assert len(first.notes) == 2


def test_identical_pictures_are_not_separated(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy", "sad"], count=20)
    for file in list(tmp_path.glob("*/*.png")):
        (file.with_name(f"{file.stem}_copy.png")).write_bytes(file.read_bytes())
    dataset = read_folders(tmp_path)
    splits_of_image: dict[bytes, set[str]] = {}
    for image, split in zip(dataset.images, dataset.split, strict=True):
        splits_of_image.setdefault(image.tobytes(), set()).add(str(split))
    assert len(splits_of_image) == 40
    assert all(len(splits) == 1 for splits in splits_of_image.values())


def test_pictures_named_as_in_ckplus_are_split_by_subject(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy", "surprise"], count=20)
    for number, file in enumerate(sorted(tmp_path.glob("*/*.png"))):
        file.rename(file.with_name(f"S{number % 10:03d}_001_{number:08d}.png"))
    dataset = read_folders(tmp_path)
    files = sorted(tmp_path.glob("*/*.png"))
    subjects = {
        split: {files[row].name[:4] for row in dataset.subset(split).row_id}
        for split in ("train", "valid", "test")
    }
    assert len(set.union(*subjects.values())) == sum(len(s) for s in subjects.values()) == 10
    assert "a tenth of the training subjects" in dataset.notes[0]


def test_larger_pictures_are_resized_as_in_the_app(
    tmp_path: Path,
) -> None:
    write_pictures(tmp_path, ["happy"], count=3, size=100)
    faces = read_folders(tmp_path).images[:1]
    crop = np.asarray(cv2.imread(str(tmp_path / "happy" / "00.png")), np.uint8)
    settings = product(get_args(Equalization), get_args(Denoising), get_args(Scaling))
    for equalization, denoising, scaling in settings:
        config = PreprocessingConfig(
            equalization=equalization, denoising=denoising, scaling=scaling
        )
        in_training, in_the_app = preprocess_batch(faces, config)[0], preprocess(crop, config)
        np.testing.assert_array_equal(in_training, in_the_app, err_msg=str(config))


def test_other_folders_next_to_the_splits_are_reported(tmp_path: Path) -> None:
    for split in ("train", "valid", "test", "backup"):
        write_pictures(tmp_path / split, ["happy"])
    dataset = read_folders(tmp_path)
    assert len(dataset) == 9
    assert dataset.notes == (f"Not read: the folder {tmp_path / 'backup'}.",)


def test_every_kind_of_picture_is_read_and_other_files_are_counted(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy", "sad"])
    for suffix in (".jfif", ".jpe", ".gif", ".BMP", ".tif", ""):
        for name in ("happy", "sad"):
            image = np.random.default_rng(len(suffix)).integers(0, 256, (48, 48), np.uint8)
            Image.fromarray(image).save(
                tmp_path / name / f"a{suffix}", format=None if suffix else "PNG"
            )
    for name in ("notes.txt", "b.xyz", "c.xyz", "d.xyz"):
        (tmp_path / "sad" / name).write_text("x")
    (tmp_path / "sad" / "gone.md").symlink_to("nowhere")
    (tmp_path / "readme.txt").write_text("about the set")
    (tmp_path / "loose.png").write_bytes((tmp_path / "sad" / "00.png").read_bytes())
    dataset = read_dataset(tmp_path)
    assert np.bincount(dataset.labels).tolist() == [9, 9]
    assert dataset.notes[:2] == (
        "Not read: 1 pictures outside of class folders (loose.png).",
        "Not read: 5 files next to the 18 pictures, of unsupported types "
        "(3 .xyz, 1 .md, 1 .txt), such as sad/b.xyz, sad/c.xyz, sad/d.xyz.",
    )


def test_folders_within_a_class_are_read(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", ["happy", "sad"])
    write_pictures(tmp_path / "train" / "happy", ["person1", "folder.png"])
    (tmp_path / "train" / "happy" / "person1" / "back").symlink_to(tmp_path / "train" / "happy")
    write_pictures(tmp_path / "elsewhere", ["person2"], count=4)
    (tmp_path / "train" / "sad" / "person2").symlink_to(tmp_path / "elsewhere" / "person2")
    dataset = read_folders(tmp_path)
    assert dataset.label_names == ("happy", "sad")
    assert np.bincount(dataset.labels).tolist() == [9, 7]
    write_pictures(tmp_path / "train" / "happy", ["Sadness"])
    with pytest.raises(DatasetError, match=r"one class\. Received: 'Sadness' within 'happy'"):
        read_folders(tmp_path)


def test_system_files_are_ignored(tmp_path: Path) -> None:
    for split in ("Training", "PublicTest", "PrivateTest"):
        write_pictures(tmp_path / split, ["happy"])
        for name in ("._00.png", ".DS_Store", "Thumbs.db"):
            (tmp_path / split / "happy" / name).write_bytes(b"\0\5\x16\7")
        (tmp_path / split / "__MACOSX").mkdir()
    dataset = read_folders(tmp_path)
    assert [len(dataset.subset(s)) for s in ("train", "valid", "test")] == [3, 3, 3]
    assert dataset.notes == ()


def test_a_broken_link_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy"])
    (tmp_path / "happy" / "gone.png").symlink_to("nowhere.png")
    with pytest.raises(DatasetError, match=r"gone\.png: a link to a missing file"):
        read_dataset(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="the longest path is Linux's")
def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy"])
    put_unreadable_folder(tmp_path / "happy")
    for read in (read_dataset, read_folders):
        with pytest.raises(DatasetError, match=r"happy/xxx.*folder cannot be read: File name"):
            read(tmp_path)


def test_a_folder_without_class_folders_names_its_files(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(b"PK")
    with pytest.raises(DatasetError, match=r"Received: no folders, 1 \.zip"):
        read_dataset(tmp_path)


def test_missing_classes_and_splits_are_reported(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", ["happy", "Joy", "sad"], count=1)
    write_pictures(tmp_path / "test", ["sad"], count=1)
    notes = " ".join(read_folders(tmp_path).notes)
    assert "Joy and happy were read as one class, happy." in notes
    assert "the test split has no pictures of happy." in notes
    (tmp_path / "train" / "Joy" / "00.png").unlink()
    (tmp_path / "train" / "Joy").rmdir()
    last = read_folders(tmp_path).notes[-1]
    assert last.endswith("no class has enough pictures to hold any out for it.")


def test_a_picture_that_is_not_square_is_rejected(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy"])
    cv2.imwrite(str(tmp_path / "happy" / "01.png"), np.zeros((64, 48), np.uint8))
    with pytest.raises(DatasetError, match=r"01\.png: expected a square .* Received: 48x64 pixels"):
        read_folders(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_an_unreadable_picture_is_named(tmp_path: Path, content: bytes) -> None:
    write_pictures(tmp_path, ["happy"])
    (tmp_path / "happy" / "01.png").write_bytes(content)
    with pytest.raises(DatasetError, match=r"01\.png"):
        read_folders(tmp_path)


def test_an_unknown_class_is_named_with_the_choices(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", ["happy", "bored"])
    with pytest.raises(DatasetError, match=r"unknown class\. .*angry, disgust.*Received: 'bored'"):
        read_folders(tmp_path)


def test_an_empty_class_folder_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", ["happy"])
    (tmp_path / "train" / "sad").mkdir()
    (tmp_path / "train" / "sad" / "readme.txt").write_text("later")
    with pytest.raises(DatasetError, match=r"sad: expected pictures .* Received: 1 \.txt"):
        read_folders(tmp_path)


def test_an_empty_folder_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected one folder per class .* no folders"):
        read_folders(tmp_path)


def test_a_missing_train_split_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path / "test", ["happy"])
    with pytest.raises(DatasetError, match=r"the train split is missing\. .* Received: test"):
        read_folders(tmp_path)


def test_two_folders_for_one_split_are_rejected(tmp_path: Path) -> None:
    for split in ("train", "val", "validation"):
        write_pictures(tmp_path / split, ["happy"])
    with pytest.raises(DatasetError, match=r"Two folders hold the valid split"):
        read_folders(tmp_path)


def test_a_class_without_training_pictures_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", ["happy"])
    write_pictures(tmp_path / "test", ["happy", "sad"])
    with pytest.raises(DatasetError, match=r"the train split has none of sad"):
        read_folders(tmp_path)


def test_real_ckplus_has_no_subject_in_two_splits(real_ckplus: Path) -> None:
    dataset = read_dataset(real_ckplus)
    assert dataset.label_names == CKPLUS
    counts = np.bincount(dataset.labels).tolist()
    assert counts == [135, 177, 75, 207, 84, 249, 54]
    files = sorted(real_ckplus.glob("*/*.png"), key=lambda file: file.as_posix())
    subject = np.array([file.name[:4] for file in files])
    splits = [set(subject[dataset.subset(s).row_id]) for s in ("train", "valid", "test")]
    assert len(set.union(*splits)) == sum(map(len, splits)) == 118


def test_a_name_may_hold_any_byte(tmp_path: Path) -> None:
    write_pictures(tmp_path, ["happy"], count=1)
    file = tmp_path / "happy" / "00.png"
    file.rename(os.fsdecode(os.fsencode(file.parent) + b"/caf\xe9.png"))
    for _ in ("read", "from the cache"):
        assert len(read_dataset(tmp_path)) == 1


def test_content_decides_what_a_picture_is(tmp_path: Path) -> None:
    for name in ("photo.heic", "photo.mp4", "photo.psd", "photo.txt"):
        Image.new("L", (48, 48)).save(tmp_path / name, "JPEG")
    assert list_files(tmp_path).others == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_system_thumbnails_and_pipes_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "@eaDir").mkdir()
    for name in ("face.png", "@eaDir/thumbnail.png"):
        Image.new("L", (48, 48)).save(tmp_path / name)
    os.mkfifo(tmp_path / "pipe")
    files = list_files(tmp_path)
    assert files.pictures == (tmp_path / "face.png",)
    assert files.others == (tmp_path / "pipe",)
