"""Where the photos of a run come from: a folder, object storage, or a Parquet table.

A source is listed once, by the process that leads the run. Any process on any machine can then read
some of its photos: a `Piece` says which.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlparse
from urllib.request import url2pathname

from fer_core.errors import InputRejected
from fer_core.images import MAX_BYTES, read_image_bytes
from fer_core.names import readable_name, shown

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

PHOTO_SUFFIXES: Final = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
"""Files with these endings are photos. Some are of a format that is not read; each of those gets a
row that says so, for a photo that is left out should be missed."""


@dataclass(frozen=True)
class Photo:
    """A file, still encoded.

    Attributes:
        index: its place among all photos of the source.
        name: its name in the results.
        data: the whole file, or why it cannot be read.
    """

    index: int
    name: str
    data: bytes | InputRejected


Piece = Callable[[], Iterator[Photo]]
"""Reads some photos of a source, one by one; it can be pickled."""


class Source(Protocol):
    """A place that photos come from."""

    @property
    def place(self) -> str:
        """Tells it from others: an absolute path, or a URI."""

    def names(self) -> tuple[str, ...]:
        """Lists all photos, in an order that stays.

        Raises:
            InputRejected: there is no such place, or it is not what it should be.
        """

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Cuts photos into pieces.

        Args:
            names: of all photos, as listed.
            wanted: indices of those to read, in order.
            size: photos a piece, where the source can be cut anywhere.
        """


@dataclass(frozen=True)
class FolderSource:
    """A folder on this machine, or on a disk that all machines share.

    Attributes:
        place: its absolute path.
    """

    place: str

    def names(self) -> tuple[str, ...]:
        """Lists the photos in it and in its folders, relative to it and sorted.

        Hidden files and folders are left out, and links to folders are not followed.

        Raises:
            InputRejected: there is no such folder.
        """
        folder = Path(self.place)
        if not folder.is_dir():
            raise InputRejected(
                f"There is no such folder. Expected one with photos. Received: {shown(folder)}",
                reason="unreadable",
            )
        found = []
        for inside, inner, files in os.walk(folder):
            inner[:] = [name for name in inner if not name.startswith(".")]
            relative = Path(inside).relative_to(folder)
            found += [(relative / name).as_posix() for name in files]
        return _photos(found)

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Cuts photos into pieces of `size`."""
        return _pieces(partial(_read_from_folder, Path(self.place)), names, wanted, size)


@dataclass(frozen=True)
class StorageSource:
    """A folder of object storage, or of anything else that PyArrow or fsspec can reach.

    Attributes:
        place: its URI, without a slash at the end.
    """

    place: str

    def names(self) -> tuple[str, ...]:
        """Lists the photos in it and in its folders, relative to it and sorted, but hidden ones.

        Raises:
            InputRejected: it cannot be listed.
        """
        from pyarrow.fs import FileSelector, FileType

        filesystem, root = open_filesystem(self.place)
        try:
            found = filesystem.get_file_info(FileSelector(root, recursive=True))
        except OSError as error:
            raise unreachable(self.place, error) from error
        return _photos(
            info.path.removeprefix(root).lstrip("/") for info in found if info.type == FileType.File
        )

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Cuts photos into pieces of `size`."""
        return _pieces(partial(_read_from_storage, self.place), names, wanted, size)


def is_uri(place: str) -> bool:
    """Says whether a place is a URI; otherwise it is a path on this machine."""
    return "://" in place


def local_path(place: str) -> Path | None:
    """Returns the path of a place on this machine, and None for a place elsewhere."""
    if not is_uri(place):
        return Path(place)
    address = urlparse(place)
    return Path(url2pathname(address.path)) if address.scheme == "file" else None


def open_filesystem(place: str) -> tuple[FileSystem, str]:
    """Opens what a path or URI names, with PyArrow where it can and else with fsspec.

    Returns:
        The filesystem, and the path in it.

    Raises:
        InputRejected: there is no filesystem for such URIs.
    """
    from pyarrow.fs import FileSystem, FSSpecHandler, LocalFileSystem, PyFileSystem
    from pyarrow.lib import ArrowInvalid

    if not is_uri(place):
        return LocalFileSystem(), place
    try:
        filesystem, root = FileSystem.from_uri(place)
    except ArrowInvalid:
        from fsspec.core import url_to_fs  # comes with Ray Data

        try:
            known, root = url_to_fs(place)
        except (ValueError, ImportError) as error:
            raise unreachable(place, error) from error
        filesystem = PyFileSystem(FSSpecHandler(known))
    return filesystem, root.rstrip("/")


def unreachable(place: str, error: Exception) -> InputRejected:
    """Returns what is said of a place that cannot be read."""
    return InputRejected(f"{shown(place)} cannot be read: {error}", reason="unreadable")


def _photos(files: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            file
            for file in files
            if Path(file).suffix.lower() in PHOTO_SUFFIXES
            and not any(part.startswith(".") for part in file.split("/"))
        )
    )


_Reader = Callable[[Sequence[tuple[int, str]]], Iterator[Photo]]


def _pieces(
    read: _Reader, names: Sequence[str], wanted: Sequence[int], size: int
) -> Iterator[Piece]:
    for start in range(0, len(wanted), size):
        yield partial(read, [(index, names[index]) for index in wanted[start : start + size]])


def _read_from_folder(folder: Path, files: Sequence[tuple[int, str]]) -> Iterator[Photo]:
    for index, file in files:
        data: bytes | InputRejected
        try:
            data = read_image_bytes(folder / file)
        except InputRejected as error:
            data = error
        yield Photo(index, readable_name(file), data)


def _read_from_storage(place: str, files: Sequence[tuple[int, str]]) -> Iterator[Photo]:
    filesystem, root = open_filesystem(place)
    for index, file in files:
        data: bytes | InputRejected
        try:
            with filesystem.open_input_stream(f"{root}/{file}", compression=None) as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            data = InputRejected(f"The file cannot be read: {error}", reason="unreadable")
        yield Photo(index, readable_name(file), data)
