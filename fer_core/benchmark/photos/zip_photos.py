"""Photos in a ZIP file in memory. It is never extracted: photos are read one at a time.

The central directory is checked before anything is unpacked, and no entry is read beyond its limit.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from fer_core.errors import InputRejected, RejectionReason
from fer_core.files import HEAD_BYTES, Listing, Sorter, shown

MAX_ENTRIES: Final = 5_000
MAX_ENTRY_BYTES: Final = 40 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 2 * 1024**3
MAX_RATIO: Final = 100
"""Of an entry's size to its compressed size; a photo hardly compresses at all."""

_SMALL: Final = 64 * 1024
"""Entries up to this size may compress better: a plain picture is small either way."""

_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)
"""What `zipfile` raises for damaged files: also for names that are not UTF-8 and wrong offsets."""

_ENCRYPTED: Final = 0x1
_ARCHIVES: Final = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_ENTRY_BYTES: Final = 46
"""The least that an entry takes in the central directory."""


class ZipPhotos:
    """Reads the photos of a ZIP file in memory."""

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGED as error:
            raise _rejected(name, "is no ZIP file, or damaged", "corrupt") from error
        self.entries = [
            entry for entry in self._file.infolist() if not entry.filename.endswith("/")
        ]

    def __call__(self, name: str) -> bytes:
        """Returns a photo.

        Raises:
            InputRejected: it is damaged.
        """
        return self.head(name, MAX_ENTRY_BYTES + 1)

    def head(self, name: str, size: int) -> bytes:
        """Returns at most the first `size` bytes of an entry.

        Raises:
            InputRejected: it is damaged.
        """
        try:
            with self._file.open(name) as entry:
                return entry.read(size)
        except _DAMAGED as error:
            raise InputRejected(
                f"{shown(name)} is damaged in the ZIP file.", reason="corrupt"
            ) from error


def open_zip(name: str, data: bytes) -> tuple[Listing, ZipPhotos]:
    """Checks a ZIP file and lists its photos.

    Args:
        name: of the file, for messages.
        data: its bytes.

    Raises:
        InputRejected: it is no ZIP file; has too many or too large entries, or such that unpack to
            far more than they are; or an entry is encrypted, a link, an archive, has another
            compression method, no name, an absolute path, a path out of it, or occurs twice.
    """
    if len(data) < _ENTRY_BYTES:
        raise _rejected(name, "is no ZIP file, or has no entries", "corrupt")
    if data.count(b"PK\x01\x02") > 4 * MAX_ENTRIES:
        raise _rejected(name, f"has more than {MAX_ENTRIES:,} entries", "too_large")
    photos = ZipPhotos(name, data)
    _check(name, photos.entries)
    sorter = Sorter()
    for entry in photos.entries:
        sorter.add(entry.filename, partial(_head, photos, entry.filename))
    return sorter.listing(), photos


def _head(photos: ZipPhotos, name: str) -> bytes:
    try:
        return photos.head(name, HEAD_BYTES)
    except InputRejected as error:
        raise OSError from error  # so that it is listed, and its row gives the reason


def _check(name: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _rejected(name, f"has more than {MAX_ENTRIES:,} entries", "too_large")
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise _rejected(name, f"unpacks to more than {MAX_TOTAL_BYTES // 1024**3} GB", "too_large")
    seen: set[PurePosixPath] = set()
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if defect := _defect(entry, path, seen):
            raise _rejected(name, f"has an entry that {defect}: {shown(entry.filename)}", "corrupt")
        seen.add(path)


def _defect(entry: zipfile.ZipInfo, path: PurePosixPath, seen: set[PurePosixPath]) -> str | None:
    if not path.name:
        return "has no name"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if path.is_absolute() or ":" in path.parts[0]:
        return "has an absolute path"
    if ".." in path.parts:
        return "leads out of the archive"
    if path in seen:
        return "occurs twice"
    if path.suffix.lower() in _ARCHIVES:
        return "is an archive itself"
    if entry.compress_type not in _METHODS:
        return "has an unknown compression method"
    if entry.file_size > MAX_ENTRY_BYTES:
        return f"unpacks to more than {MAX_ENTRY_BYTES // 2**20} MB"
    if entry.file_size > max(_SMALL, MAX_RATIO * entry.compress_size):
        return f"unpacks to more than {MAX_RATIO} times its size"
    return None


def _rejected(name: str, what: str, reason: RejectionReason) -> InputRejected:
    return InputRejected(f"{shown(name)} {what}.", reason=reason)
