"""Event files of TensorBoard, byte by byte, without a library for them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import google_crc32c


def event_file(scalars: Mapping[str, Mapping[int, float]], *, as_tensor: bool = False) -> bytes:
    """Returns the bytes of an event file with these scalars: by tag, value by step."""
    records = [_field(1, struct.pack("<d", 1.0), 1) + _field(3, b"brain.Event:2")]
    for tag, values in scalars.items():
        for step, number in values.items():
            records.append(event(tag, step, number, as_tensor=as_tensor))
    return b"".join(map(record, records))


def event(tag: str, step: int, number: float, *, as_tensor: bool = False) -> bytes:
    """Returns one `Event` message."""
    content = struct.pack("<f", number)
    # A tensor: its type is float (1), its shape has no dimensions, its bytes are the number.
    tensor = b"\x08\x01" + _field(2, b"") + _field(4, content)
    value = _field(1, tag.encode()) + (_field(8, tensor) if as_tensor else _field(2, content, 5))
    return b"\x10" + _varint(step) + _field(5, _field(1, value))


def record(data: bytes) -> bytes:
    """Returns a record with its length and checksums."""
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _masked(data: bytes) -> bytes:
    checksum = google_crc32c.value(data)
    rotated = (checksum >> 15 | checksum << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def _field(number: int, content: bytes, wire_type: int = 2) -> bytes:
    length = _varint(len(content)) if wire_type == 2 else b""
    return _varint(number << 3 | wire_type) + length + content


def _varint(number: int) -> bytes:
    head = b""
    while number > 0x7F:
        head += bytes([number & 0x7F | 0x80])
        number >>= 7
    return head + bytes([number])
