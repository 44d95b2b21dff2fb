"""Folders, tables and metadata: which photos they hold, with which class, box and person."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.benchmark.photos import match_classes, open_photos
from fer_core.errors import InputRejected
from tests.long_paths import put_unreadable_folder
from tests.unit.fer_core.benchmark.photos.labeled import photo_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return photo_folder(tmp_path / "mine")


def test_a_folder_per_class(folder: Path) -> None:
    (folder / "apart.png").write_bytes(b"x")
    photos = open_photos(folder)
    assert photos.name == "mine"
    assert photos.ids[:2] == ("angry/0.png", "angry/1.png")
    assert photos.path(0) == folder / "angry/0.png"
    assert photos.read("angry/0.png") == (folder / "angry/0.png").read_bytes()
    assert [str(each) for each in photos.skipped] == ["1 not in a folder of a class (apart.png)"]


@pytest.mark.skipif(sys.platform != "linux", reason="the longest path is Linux's")
def test_a_folder_that_cannot_be_read_is_an_error(folder: Path) -> None:
    put_unreadable_folder(folder)
    with pytest.raises(InputRejected, match=r"xxx.*cannot be read: File name too long"):
        open_photos(folder)


def test_names_that_are_not_utf_8_become_text(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path / os.fsdecode(b"my caf\xe9"))
    content = (folder / "angry/0.png").read_bytes()
    odd = folder / "angry" / os.fsdecode(b"caf\xe9.png")
    odd.write_bytes(content)
    (folder / "angry" / r"caf\xe9.png").write_bytes(b"another")
    photos = open_photos(folder)
    assert photos.name == r"my caf\xe9"
    assert photos.ids[2:4] == (r"angry/caf\xe9.png", r"angry/caf\xe9.png (2)")
    assert {photos.read(name) for name in photos.ids[2:4]} == {content, b"another"}
    assert odd in [photos.path(row) for row in (2, 3)]


def test_labeled_rows_have_columns_and_people(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "facts.csv"
    table.write_text("file,person,age\nangry/0.png,A,20\nsad/0.png,A,20\nhappy/1.png,B,\n")
    photos = open_photos(folder, metadata=table, group="person")
    rows = photos.labeled(match_classes(photos.class_names))
    assert rows.labels == ("angry", "happy", "sad")
    ages = dict(zip(rows.id, rows.columns["age"].tolist(), strict=True))
    assert ages["sad/0.png"] == 20
    assert np.isnan(ages["happy/1.png"])
    assert "person" not in rows.columns
    person = dict(zip(rows.id, rows.subject, strict=True)) if rows.subject is not None else {}
    assert person["angry/0.png"] == person["sad/0.png"]
    assert person["angry/1.png"] != person["sad/1.png"]  # unknown people are not one person


def test_metadata_by_file_name_where_only_one_photo_has_it(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "facts.csv"
    table.write_text("file,age\nwall.png,20\n", encoding="utf-8")
    photos = open_photos(folder, metadata=table)
    ages = dict(zip(photos.ids, photos.columns["age"].tolist(), strict=True))
    assert ages.pop("happy/wall.png") == 20
    assert np.isnan([*ages.values()]).all()


def test_rows_of_a_table_without_a_label_are_skipped_and_named(folder: Path) -> None:
    path = folder / "faces.csv"
    path.write_text(
        "file,label,age,x1,y1,x2,y2\nhappy/0.png, ,1,1,1,9,9\nsad/0.png,sad,2,2,2,8,8\n",
        encoding="utf-8",
    )
    photos = open_photos(path)
    assert (photos.ids, photos.class_names) == (("sad/0.png",), ("sad",))
    assert photos.read("sad/0.png") == (folder / "sad/0.png").read_bytes()
    assert photos.columns["age"].tolist() == [2]
    assert photos.boxes is not None
    assert photos.boxes.tolist() == [[2, 2, 8, 8]]
    assert [str(each) for each in photos.skipped] == ["1 without a label (happy/0.png)"]
    path.write_text("file,label\nhappy/0.png,\n", encoding="utf-8")
    with pytest.raises(InputRejected, match="has no labels"):
        open_photos(path)


@pytest.mark.parametrize("name", ["none", "none.csv", "none.zip"])
def test_a_source_that_does_not_exist_says_what_is_expected(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRejected, match=r"do not exist\. Expected a folder, a ZIP, or a CSV"):
        open_photos(tmp_path / name)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_of_files_with_boxes(folder: Path, suffix: str) -> None:
    frame = pd.DataFrame(
        {
            "path": ["happy/0.png", "happy/0.png", "sad/0.png"],
            "emotion": ["happy", "sad", "sad"],
            "x1": [1.0, 2, np.nan], "y1": [1.0, 2, np.nan], "x2": [9.0, 8, np.nan],
            "y2": [9.0, 8, np.nan], "site": ["a", "b", "b"],
        }
    )  # fmt: skip
    path = folder / f"faces{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    photos = open_photos(path)
    assert photos.ids == ("happy/0.png", "happy/0.png (2)", "sad/0.png")
    assert photos.read("happy/0.png (2)") == (folder / "happy/0.png").read_bytes()
    box = photos.box(1)
    assert box is not None
    assert box.tolist() == [2, 2, 8, 8]
    assert photos.box(2) is None
    assert photos.columns["site"].tolist() == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label\nhappy\n", "expected a column file or path"),
        ("file,mood\na.png,happy\n", "expected a column label or emotion"),
    ],
)
def test_a_table_without_a_column_says_what_is_expected(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "faces.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputRejected, match=message):
        open_photos(tmp_path / "faces.csv")


def test_metadata_of_other_photos_and_unknown_groups_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "facts.csv"
    for rows, message in (
        ("other.png,20", "names no photo of mine"),
        ("0.png,20", "line 2: 0.png is the name of several photos, angry/0.png and happy/0.png"),
        ("sad/0.png,20\nsad/0.png,30", "line 3: sad/0.png occurs twice"),
    ):
        table.write_text(f"file,age\n{rows}\n", encoding="utf-8")
        with pytest.raises(InputRejected, match=message):
            open_photos(folder, metadata=table)
    with pytest.raises(InputRejected, match="There is no column person"):
        open_photos(folder, group="person")


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(InputRejected, match="Expected a folder per class"):
        open_photos(tmp_path)
