"""ZIP files of photos: read in memory, and every hostile kind refused in one sentence."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.benchmark.photos import photos_of_zip
from fer_core.benchmark.photos.zip_photos import MAX_ENTRIES
from fer_core.errors import InputRejected
from tests.unit.fer_core.benchmark.photos.labeled import face_png, zip_of

GOOD = {"mine/happy/a.png": face_png("happy"), "mine/sad/b.png": face_png("sad")}


def test_photos_have_the_class_of_their_folder() -> None:
    files = GOOD | {"mine/happy/notes.txt": b"text", "__MACOSX/happy/._a.png": b"x", "c.png": b"x"}
    photos = photos_of_zip("mine.zip", zip_of(files))
    assert photos.ids == ("mine/happy/a.png", "mine/sad/b.png")
    assert photos.class_names == ("happy", "sad")
    assert photos.read("mine/happy/a.png") == GOOD["mine/happy/a.png"]
    assert {each.reason for each in photos.skipped} == {
        "not a photo", "system files", "not in a folder of a class",
    }  # fmt: skip


def link() -> bytes:
    entry = zipfile.ZipInfo("happy/a.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


def twice() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("happy/a.png", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("happy/a.png", b"2")
    return file.getvalue()


def patched(offset: int, value: int) -> bytes:
    """A good ZIP with two bytes changed in the central directory's first entry."""
    data = bytearray(zip_of({"happy/a.png": face_png("happy")}))
    start = data.index(b"PK\x01\x02")
    data[start + offset : start + offset + 2] = struct.pack("<H", value)
    return bytes(data)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no zip": (lambda: b"not a zip at all" * 10, "is no ZIP file"),
    "empty": (lambda: b"", "is no ZIP file, or has no entries"),
    "torn": (lambda: zip_of(GOOD)[:-30], "is no ZIP file"),
    "no photos": (lambda: zip_of({"happy/a.txt": b"text"}), "has no labeled photos"),
    "no folders": (lambda: zip_of({"a.png": face_png("happy")}), "1 photos outside of folders"),
    "bomb": (lambda: zip_of({"happy/a.png": b"\0" * 20_000_000}), "more than 100 times its size"),
    "large": (
        lambda: zip_of({"happy/a.png": b"\0" * 42_000_000}, zipfile.ZIP_STORED),
        "more than 40 MB",
    ),
    "entries": (
        lambda: zip_of({f"happy/{index}.png": b"" for index in range(MAX_ENTRIES + 1)}),
        "more than 5,000 entries",
    ),
    "100,000 entries": (lambda: b"PK\x01\x02" * 100_000, "more than 5,000 entries"),
    "traversal": (lambda: zip_of({"../happy/a.png": b"x"}), "leads out of the archive"),
    "absolute": (lambda: zip_of({"/etc/happy/a.png": b"x"}), "has an absolute path"),
    "drive": (lambda: zip_of({"C:/happy/a.png": b"x"}), "has an absolute path"),
    "link": (link, "is a link"),
    "twice": (twice, "occurs twice"),
    "nested": (lambda: zip_of({"happy/a.zip": zip_of(GOOD)}), "is an archive itself"),
    "twice, spelled differently": (
        lambda: zip_of({"happy/a.png": b"1", "happy/./a.png": b"2"}),
        "occurs twice",
    ),
    "no name": (lambda: patched(46, 0), "has no name"),
    "a dot": (lambda: zip_of({".": b"x"}), "has no name"),
    "encrypted": (lambda: patched(8, 1), "is encrypted"),
    "method": (lambda: patched(10, 99), "unknown compression method"),
    "lzma": (lambda: zip_of(GOOD, zipfile.ZIP_LZMA), "unknown compression method"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_zip_is_refused_in_one_sentence(kind: str) -> None:
    make, message = HOSTILE[kind]
    with pytest.raises(InputRejected, match=message) as caught:
        photos_of_zip("mine.zip", make())
    assert "\n" not in str(caught.value)


def test_a_damaged_photo_costs_one_row() -> None:
    data = bytearray(zip_of(GOOD))
    start = data.index(b"\x89PNG") if b"\x89PNG" in data else 60
    data[start + 40 : start + 80] = bytes(40)
    photos = photos_of_zip("mine.zip", bytes(data))
    assert len(photos) == 2
    with pytest.raises(InputRejected, match="is damaged in the ZIP file"):
        photos.read("mine/happy/a.png")


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_never_end_in_another_error(changes: list[tuple[float, int]]) -> None:
    """Changed are the headers: names, sizes and offsets, which `zipfile` trusts."""
    data = bytearray(zip_of(GOOD))
    headers = [*range(80), *range(data.index(b"PK\x01\x02"), len(data))]
    for place, value in changes:
        data[headers[round(place * (len(headers) - 1))]] = value
    with contextlib.suppress(InputRejected):
        photos = photos_of_zip("mine.zip", bytes(data))
        for name in photos.ids:
            with contextlib.suppress(InputRejected):
                photos.read(name)


def test_entries_that_lie_outside_of_the_file_cost_a_row_each() -> None:
    data = bytearray(zip_of(GOOD))
    end = data.index(b"PK\x05\x06")
    data[end + 17] += 64  # the directory claims to begin later, so offsets become negative
    photos = photos_of_zip("mine.zip", bytes(data))
    assert len(photos) == 2
    for name in photos.ids:
        with pytest.raises(InputRejected, match="is damaged in the ZIP file"):
            photos.read(name)
