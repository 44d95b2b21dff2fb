"""Small TIFF files, tag by tag."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

BYTE, ASCII, SHORT, LONG = 1, 2, 3, 4
_CODES = {BYTE: "B", SHORT: "H", LONG: "I"}

Value = int | Sequence[int] | bytes


def tiff_file(
    tags: Mapping[int, Value],
    pixels: bytes = b"",
    *,
    inner: Sequence[Mapping[int, Value]] = (),
    following: int = 0,
) -> bytes:
    """Returns a little-endian TIFF file of one page in one strip.

    Args:
        tags: tags of the page, added to those of a gray picture of 4 x 4 pixels.
        pixels: pixels of the strip.
        inner: tags of directories within the page.
        following: declared offset of the next page.
    """
    page: dict[int, Value] = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 277: 1, 278: 4, 273: 0}
    page |= {279: len(pixels)} | dict(tags)
    if inner:
        page[330] = [0] * len(inner)
    start = 8 + len(_directory(page, 8, following))
    if inner:
        places = []
        for one in inner:
            places.append(start)
            start += len(_directory(one, start, 0))
        page[330] = places
    if page[273] == 0:
        page[273] = start
    body = _directory(page, 8, following)
    for one in inner:
        body += _directory(one, 8 + len(body), 0)
    return b"II*\0\x08\0\0\0" + body + pixels


def _directory(tags: Mapping[int, Value], at: int, following: int) -> bytes:
    head, tail = b"", b""
    outside = at + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        if isinstance(value, bytes):
            kind, count, packed = ASCII, len(value), value
        else:
            numbers = [value] if isinstance(value, int) else list(value)
            kind = LONG if max(numbers, default=0) > 0xFFFF or tag in (273, 330) else SHORT
            count = len(numbers)
            packed = struct.pack(f"<{count}{_CODES[kind]}", *numbers)
        if len(packed) > 4:
            head += struct.pack("<HHII", tag, kind, count, outside + len(tail))
            tail += packed
        else:
            head += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
    return struct.pack("<H", len(tags)) + head + struct.pack("<I", following) + tail
