"""Where the photos of a run come from: a folder, object storage, or a Parquet table.

The main process lists a source once. Any process on any machine can then read some of its photos,
given as a `Piece`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlparse
from urllib.request import url2pathname

from fer_core.errors import InputRejected
from fer_core.files import HEAD_BYTES, Listing, Sorter, list_folder, readable_name, shown
from fer_core.imaging import MAX_BYTES, read_image_bytes

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


@dataclass(frozen=True)
class Photo:
    """An encoded photo file.

    Attributes:
        index: its position among all photos of the source.
        name: its name in the results.
        data: content of the file, or why it cannot be read.
    """

    index: int
    name: str
    data: bytes | InputRejected


Piece = Callable[[], Iterator[Photo]]
"""Reads some photos of a source, one at a time; can be pickled."""


class Source(Protocol):
    """A source of photos."""

    @property
    def place(self) -> str:
        """Identifies the source: an absolute path, or a URI."""

    def listing(self) -> Listing:
        """Lists all photos in a stable order, and what was skipped.

        Raises:
            InputRejected: the source does not exist, or is not of the expected kind.
        """

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Splits photos into pieces.

        Args:
            names: names of all photos, as listed.
            wanted: indices of the photos to read, in order.
            size: photos per piece, where the source can be split anywhere.
        """


@dataclass(frozen=True)
class FolderSource:
    """A folder on this machine, or on a disk shared by all machines.

    Attributes:
        place: its absolute path.
    """

    place: str

    def listing(self) -> Listing:
        """Lists the photos in it and in its subfolders, relative to it and sorted.

        Raises:
            InputRejected: the folder does not exist, or cannot be read.
        """
        return list_folder(Path(self.place))

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Splits photos into pieces of `size`."""
        return _pieces(partial(_read_from_folder, Path(self.place)), names, wanted, size)


@dataclass(frozen=True)
class StorageSource:
    """A folder in object storage, or in any other file system of PyArrow or fsspec.

    Attributes:
        place: its URI, without a trailing slash.
    """

    place: str

    def listing(self) -> Listing:
        """Lists the photos in it and in its subfolders, relative to it and sorted.

        Raises:
            InputRejected: it cannot be listed.
        """
        from pyarrow.fs import FileSelector, FileType

        filesystem, root = open_filesystem(self.place)
        try:
            found = filesystem.get_file_info(FileSelector(root, recursive=True))
        except (OSError, UnicodeError) as error:
            raise unreachable(self.place, error) from error
        sorter = Sorter()
        for info in found:
            if info.type == FileType.File:
                name = info.path.removeprefix(root).lstrip("/")
                sorter.add(name, partial(_head_from_storage, filesystem, info.path))
        return sorter.listing()

    def pieces(self, names: Sequence[str], wanted: Sequence[int], size: int) -> Iterator[Piece]:
        """Splits photos into pieces of `size`."""
        return _pieces(partial(_read_from_storage, self.place), names, wanted, size)


def is_uri(place: str) -> bool:
    """Returns whether a place is a URI rather than a path on this machine."""
    return "://" in place


def local_path(place: str) -> Path | None:
    """Returns the path of a place on this machine, and None for a place elsewhere."""
    if not is_uri(place):
        return Path(place)
    address = urlparse(place)
    return Path(url2pathname(address.path)) if address.scheme == "file" else None


def open_filesystem(place: str) -> tuple[FileSystem, str]:
    """Opens the filesystem of a path or URI, with PyArrow if possible, else with fsspec.

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
    """Returns the error for a source that cannot be read."""
    return InputRejected(f"{shown(place)} cannot be read: {error}", reason="unreadable")


def _head_from_storage(filesystem: FileSystem, path: str) -> bytes:
    with filesystem.open_input_file(path) as file:
        return bytes(file.read(HEAD_BYTES))


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
