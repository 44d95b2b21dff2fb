"""Any process can read the photos of a source, piece by piece."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_core.batch.parquet_source import ParquetSource
from fer_core.batch.sources import FolderSource, Photo, Source, StorageSource
from fer_core.errors import InputRejected

PHOTOS = (
    "a.png",
    "b/deep/happy.png",
    "b/happy.PNG",
    "sheet.png",
    "text.jpg",
    "torn.jpg",
    "wall.png",
    "z.png",
    "zz.png",
)


def read(source: Source, wanted: Sequence[int], size: int) -> list[Photo]:
    pieces = source.pieces(source.listing().names, wanted, size)
    return [photo for piece in pieces for photo in pickle.loads(pickle.dumps(piece))()]


@pytest.fixture
def table(album: Path, tmp_path: Path) -> Path:
    """The photos of the album in two files, of three row groups together."""
    folder = tmp_path / "album.parquet"
    folder.mkdir()
    for name, photos in {"1.parquet": PHOTOS[:6], "2.parquet": PHOTOS[6:]}.items():
        data = [(album / photo).read_bytes() for photo in photos]
        columns = pa.table({"path": list(photos), "bytes": data})
        pq.write_table(columns, folder / name, row_group_size=4)
    return folder


@pytest.mark.parametrize("kind", ["folder", "file", "local", "parquet", "parquet_uri"])
def test_every_source_gives_each_requested_photo(album: Path, table: Path, kind: str) -> None:
    sources: dict[str, Source] = {
        "folder": FolderSource(str(album)),
        "file": StorageSource(album.as_uri()),  # PyArrow's
        "local": StorageSource(f"local://{album}"),  # fsspec's
        "parquet": ParquetSource(str(table)),
        "parquet_uri": ParquetSource(table.as_uri()),
    }
    source = sources[kind]
    assert source.listing().names == PHOTOS
    for wanted in (range(9), [0, 4, 8], [5], []):
        photos = read(source, wanted, size=2)
        assert [photo.index for photo in photos] == list(wanted)
        for photo in photos:
            assert photo.name == PHOTOS[photo.index]
            assert photo.data == (album / photo.name).read_bytes()


@pytest.mark.parametrize("kind", ["folder", "file", "local"])
def test_files_are_photos_by_what_is_in_them_wherever_they_are(album: Path, kind: str) -> None:
    (album / "no suffix").write_bytes((album / "a.png").read_bytes())
    sources: dict[str, Source] = {
        "folder": FolderSource(str(album)),
        "file": StorageSource(album.as_uri()),
        "local": StorageSource(f"local://{album}"),
    }
    listing = sources[kind].listing()
    assert set(listing.names) == {*PHOTOS, "no suffix"}
    assert {one.reason: one.count for one in listing.skipped} == {"hidden": 1, "not a photo": 1}


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_photo_that_vanished_has_a_reason(album: Path, kind: str) -> None:
    source = FolderSource(str(album)) if kind == "folder" else StorageSource(album.as_uri())
    pieces = list(source.pieces(source.listing().names, range(3), 3))
    (album / "a.png").unlink()
    gone, there, _ = pieces[0]()
    assert isinstance(gone.data, InputRejected)
    assert gone.data.reason == "unreadable"
    assert isinstance(there.data, bytes)


def test_rows_that_are_damaged_have_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "photos.parquet"
    data = [os.urandom(10_000) for _ in range(4)]
    table = pa.table({"path": list("abcd"), "bytes": data})
    pq.write_table(table, path, row_group_size=2, use_dictionary=False)
    pieces = list(ParquetSource(str(path)).pieces("abcd", range(4), 1))
    page = pq.read_metadata(path).row_group(1).column(1).data_page_offset
    with path.open("r+b") as file:
        file.seek(page)
        file.write(bytes(100))
    photos = [photo for piece in pieces for photo in piece()]
    assert [photo.name for photo in photos] == list("abcd")
    assert [photo.data for photo in photos[:2]] == data[:2]
    assert all(isinstance(photo.data, InputRejected) for photo in photos[2:])


def test_a_row_without_bytes_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "photos.parquet"
    pq.write_table(pa.table({"path": ["a"], "bytes": pa.array([None], pa.binary())}), path)
    (photo,) = read(ParquetSource(str(path)), [0], 1)
    assert isinstance(photo.data, InputRejected)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (FolderSource("/no/such/folder"), "folder does not exist"),
        (StorageSource("file:///no/such/folder"), "cannot be read"),
        (StorageSource("nothing-knows://this"), "cannot be read"),
        (ParquetSource("/no/such.parquet"), "cannot be read"),
    ],
)
def test_a_missing_folder_is_reported(source: Source, message: str) -> None:
    with pytest.raises(InputRejected, match=message):
        source.listing()


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"path": ["a"], "size": [1]}), path)
    with pytest.raises(InputRejected, match=r"Missing in .*other\.parquet: bytes"):
        ParquetSource(str(path)).listing()
    path.write_bytes(os.urandom(100))
    with pytest.raises(InputRejected, match="cannot be read"):
        ParquetSource(str(path)).listing()
