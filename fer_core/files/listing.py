"""Lists the photos in a folder, and the skipped files.

The first bytes decide, not the name; only files with a photo suffix are listed unread. Nothing is
skipped silently. Other files are counted by reason; unreadable files, and images of unsupported
formats, are listed like photos, so that they get a row with the reason.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from fer_core.errors import InputRejected
from fer_core.files.file_kinds import (
    HEAD_BYTES,
    PHOTO_SUFFIXES,
    REFUSED_KINDS,
    kind_of_suffix,
    sniff,
)
from fer_core.files.names import readable_name, shown

HIDDEN: Final = "hidden"
SYSTEM: Final = "system files"
VIDEO: Final = "video or audio"
OTHER: Final = "not a photo"
LISTED_BEFORE: Final = "link to a folder that is listed elsewhere"

_EXAMPLES: Final = 3
_SYSTEM_NAMES: Final = frozenset(
    {
        "$recycle.bin",
        "@eadir",
        "__macosx",
        "desktop.ini",
        "ehthumbs.db",
        "system volume information",
        "thumbs.db",
    }
)


@dataclass(frozen=True)
class Skipped:
    """Files and folders that were skipped for the same reason.

    Attributes:
        reason: the reason.
        count: number of them; a folder counts as one.
        examples: names of the first ones.
    """

    reason: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.examples) else ""
        return f"{self.count} {self.reason} ({', '.join(self.examples)}{more})"


@dataclass(frozen=True)
class Listing:
    """The photos in a source, and the skipped files.

    Attributes:
        names: names of the photos, in the order of the rows.
        skipped: skipped files, by reason.
    """

    names: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()


class Sorter:
    """Sorts files into photos and skipped files."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._skipped: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, read_head: Callable[[], bytes]) -> None:
        """Adds a file.

        Args:
            name: its path relative to the folder, with slashes.
            read_head: reads its first `HEAD_BYTES` bytes; called only if the suffix is not that of
                a photo. A file that `read_head` cannot open (OSError) is listed.
        """
        path = PurePosixPath(name)
        if skip := next(filter(None, map(reason_to_skip, path.parts)), None):
            self.skip(name, skip)
        elif _ends_like_a_picture(path):
            self._names.append(name)
        else:
            try:
                kind = sniff(read_head())
            except OSError:
                self._names.append(name)  # its row gives the reason
                return
            if kind is None or kind.use == "video":
                self.skip(name, OTHER if kind is None else VIDEO)
            else:
                self._names.append(name)

    def take(self, name: str) -> None:
        """Lists something that cannot be opened, so that its row gives the reason."""
        self._names.append(name)

    def skip(self, name: str, reason: str) -> None:
        """Skips something."""
        self._skipped[reason].append(name)

    def listing(self) -> Listing:
        """Returns what was added so far, sorted."""
        skipped = [
            Skipped(reason, len(names), tuple(map(readable_name, first)))
            for reason, names in sorted(self._skipped.items())
            if (first := heapq.nsmallest(_EXAMPLES, names))
        ]
        return Listing(tuple(sorted(self._names)), tuple(skipped))


def reason_to_skip(name: str) -> str | None:
    """Returns why a file or folder of this name is skipped unopened, or None.

    Hidden files include `._photo.jpg`, in which macOS stores extended attributes.
    """
    if name.startswith("."):
        return HIDDEN
    return SYSTEM if name.lower() in _SYSTEM_NAMES else None


def list_folder(folder: Path) -> Listing:
    """Lists a folder on this machine and all its subfolders.

    Links to folders are followed, but no folder is listed twice, so cycles are harmless. An
    unreadable subfolder is listed under its name.

    Raises:
        InputRejected: the folder does not exist, is a file, or cannot be read.
    """
    if folder.is_file():
        raise InputRejected(
            "This is a file. Expected a folder of photos; for single photos use `python -m "
            f"fer_core analyze`. Received: {shown(folder)}",
            reason="unreadable",
        )
    if not folder.is_dir():
        raise InputRejected(
            f"The folder does not exist. Expected a folder of photos. Received: {shown(folder)}",
            reason="unreadable",
        )
    try:
        return _FolderWalk(folder).listing()
    except OSError as error:
        raise InputRejected(
            f"The folder cannot be read: {error.strerror}. Received: {shown(folder)}",
            reason="unreadable",
        ) from error


class _FolderWalk:
    """Traverses a folder once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sorter = Sorter()
        # A link to a parent folder would lead back into the folder.
        self._seen = {_identity(parent) for parent in folder.resolve().parents}

    def listing(self) -> Listing:
        links = self._below("")
        # Links come last, so that a folder is listed at its real path if possible.
        while links:
            waiting, links = sorted(links), []
            for name in waiting:
                links += self._below(name)
        return self._sorter.listing()

    def _below(self, start: str) -> list[str]:
        """Lists a folder and its contents, and returns the links to folders that were found."""
        links = []
        waiting = [start]
        while waiting:
            name = waiting.pop()
            try:
                identity = _identity(self._folder / name)
                if identity in self._seen:
                    self._sorter.skip(name, LISTED_BEFORE)
                    continue
                self._seen.add(identity)
                with os.scandir(self._folder / name) as entries:
                    found = list(entries)
            except OSError:
                if not name:
                    raise
                self._sorter.take(name)
                continue
            for entry in found:
                inner = f"{name}/{entry.name}" if name else entry.name
                if skip := reason_to_skip(entry.name):
                    self._sorter.skip(inner, skip)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(inner)
                elif _is_folder(entry):
                    links.append(inner)
                else:
                    self._sorter.add(inner, partial(head_of, Path(entry.path)))
        return links


def _identity(folder: Path) -> tuple[int, int] | str:
    found = folder.stat()
    # Some network disks have no inode numbers.
    return (found.st_dev, found.st_ino) if found.st_ino else os.path.realpath(folder)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or without permission
        return False


def head_of(file: Path) -> bytes:
    """Returns the first `HEAD_BYTES` bytes of a file; empty if it is no regular file.

    Raises:
        OSError: it cannot be read.
    """
    if not stat.S_ISREG(file.stat().st_mode):
        return b""  # reading a pipe would block
    with file.open("rb") as stream:
        return stream.read(HEAD_BYTES)


def _ends_like_a_picture(path: PurePosixPath) -> bool:
    return path.suffix.lower() in PHOTO_SUFFIXES or kind_of_suffix(path.suffix) in REFUSED_KINDS
