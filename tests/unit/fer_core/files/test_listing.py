"""Every file in a folder is a photo, or is counted with the reason for skipping it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.errors import InputRejected
from fer_core.files.listing import (
    HIDDEN,
    LISTED_BEFORE,
    OTHER,
    SYSTEM,
    VIDEO,
    Listing,
    list_folder,
)
from fer_core.imaging import encode_png, read_image_bytes
from tests.hostile_images import saved
from tests.long_paths import put_unreadable_folder

PNG = encode_png(np.zeros((4, 4, 3), np.uint8))
JPEG = saved(Image.new("RGB", (4, 4)), "JPEG")


def skipped(listing: Listing) -> dict[str, int]:
    return {one.reason: one.count for one in listing.skipped}


def put(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.mark.parametrize(
    "name",
    [
        *("a.jfif", "a.jpe", "a.jif", "a.pjpeg", "a.mpo", "a.dib", "a.apng", "a.JPG", "a.tif"),
        *("a.heic", "a.avif", "a.jp2", "a.jxl", "a.dng", "a.CR2"),
    ],
)
def test_what_ends_like_a_picture_is_listed_unseen(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert list_folder(tmp_path) == Listing((name,))


@pytest.mark.parametrize("name", ["a", "a.bin", "a.txt", "a.mp4", "1234.5678", "jpg"])
@pytest.mark.parametrize("data", [PNG, JPEG, b"\xff\x0a" + bytes(9)], ids=["png", "jpeg", "jxl"])
def test_otherwise_the_first_bytes_decide(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert list_folder(tmp_path) == Listing((name,))


def test_what_is_left_out_is_counted_and_named(tmp_path: Path) -> None:
    put(tmp_path, a_png=PNG, notes_txt=b"text", empty=b"", b__c_mov=b"\0\0\0\x14ftypqt  ")
    put(tmp_path, _a_jpg=JPEG, _git__x_png=PNG)
    for name in ("Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_bytes(JPEG)
    put(tmp_path / "__MACOSX", a_png=PNG)
    listing = list_folder(tmp_path)
    assert listing.names == ("a.png",)
    assert skipped(listing) == {HIDDEN: 2, SYSTEM: 3, VIDEO: 1, OTHER: 2}
    assert "2 hidden (.a.jpg, .git)" in map(str, listing.skipped)


def test_only_some_names_are_kept(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.txt").write_text("text")
    (only,) = list_folder(tmp_path).skipped
    assert str(only) == "9 not a photo (0.txt, 1.txt, 2.txt, …)"


def test_linked_folders_are_listed_once(tmp_path: Path) -> None:
    album = put(tmp_path / "album", a_png=PNG, sub__b_png=PNG)
    elsewhere = put(tmp_path / "elsewhere", c_png=PNG, deep__d_png=PNG)
    for link, target in {
        "1 twin": album / "sub",  # is also a real folder
        "2 link": elsewhere,
        "3 again": elsewhere,
        "sub/loop": album,
        "sub/up": tmp_path,
        "sub/self": album / "sub" / "self",
    }.items():
        (album / link).symlink_to(target, target_is_directory=True)
    (elsewhere / "back").symlink_to(album, target_is_directory=True)
    listing = list_folder(album)
    # A link to itself is an unreadable file.
    assert listing.names == (
        "2 link/c.png",
        "2 link/deep/d.png",
        "a.png",
        "sub/b.png",
        "sub/self",
    )
    assert skipped(listing) == {LISTED_BEFORE: 5}


def test_what_cannot_be_opened_is_listed(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert list_folder(tmp_path).names == ("gone",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert skipped(list_folder(tmp_path)) == {OTHER: 1}


@pytest.mark.skipif(sys.platform != "linux", reason="the longest path is Linux's")
def test_a_folder_that_cannot_be_read_is_listed_with_the_reason(tmp_path: Path) -> None:
    put(tmp_path, a_png=PNG)
    put_unreadable_folder(tmp_path)
    photo, folder = list_folder(tmp_path).names
    assert photo == "a.png"
    assert folder.startswith("xxx")
    with pytest.raises(InputRejected, match="cannot be read: File name too long"):
        read_image_bytes(tmp_path / folder)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to this user"
)
def test_a_folder_without_permission_is_listed_with_the_reason(tmp_path: Path) -> None:
    put(tmp_path, a_png=PNG, closed__b_png=PNG)
    (tmp_path / "closed").chmod(0)
    try:
        assert list_folder(tmp_path).names == ("a.png", "closed")
        with pytest.raises(InputRejected, match="cannot be read: Permission denied"):
            read_image_bytes(tmp_path / "closed")
        with pytest.raises(InputRejected, match="cannot be read: Permission denied"):
            list_folder(tmp_path / "closed")
    finally:
        (tmp_path / "closed").chmod(0o700)
