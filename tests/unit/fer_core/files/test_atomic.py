"""A file is replaced atomically, and no other file is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.files.atomic import atomic_write, atomic_write_text, remove_temporary_files


def test_a_file_of_the_old_temporary_name_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "a.csv.tmp").write_text("somebody's notes")
    atomic_write_text(tmp_path / "a.csv", "rows")
    assert (tmp_path / "a.csv.tmp").read_text() == "somebody's notes"
    assert (tmp_path / "a.csv").read_text() == "rows"
    assert len(list(tmp_path.iterdir())) == 2


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with atomic_write(path) as one, atomic_write(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


def test_a_link_stays_one_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    target = tmp_path / "store" / "table.csv"
    target.write_text("old")
    (tmp_path / "latest.csv").symlink_to(target)
    atomic_write_text(tmp_path / "latest.csv", "new")
    assert (tmp_path / "latest.csv").is_symlink()
    assert target.read_text() == "new"


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(TypeError), atomic_write(path) as file:
        file.writelines([b"half", "text"])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


def test_temporary_files_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a.csv.0123abcd.tmp", "a.csv.notes.tmp", "a.csv.tmp", "b.csv.0123abcd.tmp"):
        (tmp_path / name).touch()
    remove_temporary_files(tmp_path / "a.csv")
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["a.csv.notes.tmp", "a.csv.tmp", "b.csv.0123abcd.tmp"]
