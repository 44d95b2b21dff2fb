"""Reads the directories of an untrusted TIFF file.

A directory lists tags, each with the offset of its values. Values are read only on request: tens of
thousands of tags may point to the same megabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_BYTES_OF_TYPE: Final = {
    **dict.fromkeys((1, 2, 6, 7), 1),
    **dict.fromkeys((3, 8), 2),
    **dict.fromkeys((4, 9, 11, 13), 4),
    **dict.fromkeys((5, 10, 12, 16, 17, 18), 8),
}
_WHOLE_NUMBERS: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_ASCII: Final = 2
_MOST_ENTRIES: Final = 4096
"""Maximum number of tags in a directory; cameras write a few hundred at most."""

_BIG_VERSION: Final = 43


@dataclass(frozen=True)
class _Entry:
    """The location of a tag's values: `count` values of a type, from offset `start`."""

    type: int
    count: int
    start: int
    size: int


@dataclass(frozen=True)
class Directory:
    """One directory.

    Attributes:
        following: offset of the next directory; 0 for the last.
    """

    following: int
    _data: bytes
    _order: str
    _entries: Mapping[int, _Entry]

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def numbers(self, tag: int, *, most: int = 16) -> tuple[int, ...]:
        """Returns the integers of a tag, at most the first `most`.

        Empty if the tag is missing or its values are truncated.
        """
        entry = self._entries.get(tag)
        code = None if entry is None else _WHOLE_NUMBERS.get(entry.type)
        if entry is None or code is None or entry.start + entry.size > len(self._data):
            return ()
        count = min(entry.count, most)
        return struct.unpack_from(f"{self._order}{count}{code}", self._data, entry.start)

    def number(self, tag: int, otherwise: int) -> int:
        """Returns the first number of a tag."""
        return next(iter(self.numbers(tag, most=1)), otherwise)

    def text(self, tag: int) -> str:
        """Returns the text of a tag; empty if missing."""
        entry = self._entries.get(tag)
        if entry is None or entry.type != _ASCII:
            return ""
        return self._data[entry.start : entry.start + entry.size].decode("ascii", "replace")


def first_directory(data: bytes) -> Directory | None:
    """Reads the first directory of a TIFF file; None if there is none."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return None
    if struct.unpack_from(f"{order}H", data, 2)[0] != _BIG_VERSION:
        return directory_at(data, struct.unpack_from(f"{order}I", data, 4)[0])
    if len(data) < 16:
        return None
    return directory_at(data, struct.unpack_from(f"{order}Q", data, 8)[0])


def directory_at(data: bytes, offset: int) -> Directory | None:
    """Reads a directory; None if it is truncated or implausibly long.

    Args:
        data: content of the TIFF file.
        offset: offset of the directory.
    """
    order = "<" if data[:2] == b"II" else ">"
    is_big = struct.unpack_from(f"{order}H", data, 2)[0] == _BIG_VERSION
    counter, entry, offset_code, inline = ("Q", "HHQ", "Q", 8) if is_big else ("H", "HHI", "I", 4)
    head_bytes = struct.calcsize(f"={entry}")
    begin = offset + struct.calcsize(f"={counter}")
    if begin > len(data):
        return None
    (count,) = struct.unpack_from(f"{order}{counter}", data, offset)
    end = begin + count * (head_bytes + inline)
    if end > len(data) or count > _MOST_ENTRIES:
        return None
    entries: dict[int, _Entry] = {}
    for at in range(begin, end, head_bytes + inline):
        tag, kind, values = struct.unpack_from(f"{order}{entry}", data, at)
        size = values * _BYTES_OF_TYPE.get(kind, 0)
        start = at + head_bytes
        if size > inline:
            (start,) = struct.unpack_from(f"{order}{offset_code}", data, start)
        entries[tag] = _Entry(kind, values, start, size)
    following = 0
    if end + inline <= len(data):
        (following,) = struct.unpack_from(f"{order}{offset_code}", data, end)
    return Directory(following, data, order, entries)
