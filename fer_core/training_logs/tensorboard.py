"""Reads the scalars of a TensorBoard event file.

The format is TFRecord: for each record 8 bytes of length, their checksum, the record, its checksum
(tensorflow/core/lib/io/record_writer.h); the record is an `Event` message
(tensorflow/core/util/event.proto). Only the fields needed for scalars are declared here, with
their field numbers: TensorBoard's reader would import TensorFlow, which is too slow for an app.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import google_crc32c
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from fer_core.errors import InputRejected

_HEADER: Final = struct.Struct("<QI")
_CHECKSUM: Final = struct.Struct("<I")
_MASK_DELTA: Final = 0xA282EAD8
_FLOATING: Final = {1: "<f4", 2: "<f8"}
"""NumPy's names of TensorFlow's DT_FLOAT and DT_DOUBLE."""

_Field = descriptor_pb2.FieldDescriptorProto
_MESSAGES: Final[dict[str, dict[str, tuple[int, Any]]]] = {
    "Tensor": {
        "dtype": (1, _Field.TYPE_INT32),
        "tensor_content": (4, _Field.TYPE_BYTES),
        "float_val": (5, [_Field.TYPE_FLOAT]),
        "double_val": (6, [_Field.TYPE_DOUBLE]),
    },
    "Value": {
        "tag": (1, _Field.TYPE_STRING),
        "simple_value": (2, _Field.TYPE_FLOAT),
        "tensor": (8, "Tensor"),
    },
    "Summary": {"value": (1, ["Value"])},
    "Event": {"step": (2, _Field.TYPE_INT64), "summary": (5, "Summary")},
}
"""Fields by message: field number, and type or nested message; a list means repeated."""


def is_event_file(data: bytes) -> bool:
    """Returns whether these bytes start like an event file."""
    if len(data) < _HEADER.size:
        return False
    _, checksum = _HEADER.unpack_from(data)
    return bool(checksum == masked_crc32c(data[:8]))


def read_scalars(data: bytes) -> dict[str, dict[int, float]]:
    """Returns the scalars of an event file: by tag, values by step; later values win.

    A truncated last record is ignored, since the file may still be growing.

    Raises:
        InputRejected: a record is damaged, or is not an event.
    """
    scalars: dict[str, dict[int, float]] = {}
    for record in _records(data):
        event = _event_class()()
        try:
            event.ParseFromString(record)
        except DecodeError as error:
            raise InputRejected(
                "The event file contains a record that is not an event.", reason="corrupt"
            ) from error
        for value in event.summary.value:
            number = _scalar(value)
            if number is not None and event.step >= 0:
                scalars.setdefault(value.tag, {})[event.step] = number
    return scalars


def masked_crc32c(data: bytes) -> int:
    """Returns the checksum as TFRecord stores it: CRC-32C, rotated by 15 bits, plus a constant."""
    checksum: int = google_crc32c.value(data)
    return ((checksum >> 15 | checksum << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _records(data: bytes) -> Iterator[bytes]:
    position = 0
    while position + _HEADER.size <= len(data):
        length, checksum = _HEADER.unpack_from(data, position)
        if masked_crc32c(data[position : position + 8]) != checksum:
            raise InputRejected(f"The event file is damaged at byte {position}.", reason="corrupt")
        start = position + _HEADER.size
        position = start + length + _CHECKSUM.size
        if position > len(data):
            return
        record = data[start : start + length]
        if masked_crc32c(record) != _CHECKSUM.unpack_from(data, start + length)[0]:
            raise InputRejected(f"The event file is damaged at byte {start}.", reason="corrupt")
        yield record


def _scalar(value: Any) -> float | None:
    """A value as a number, in either of TensorFlow's two encodings of scalars; else None."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor"):
        return None
    tensor = value.tensor
    numbers: Any = tensor.float_val or tensor.double_val
    dtype = _FLOATING.get(tensor.dtype)
    if not numbers and dtype and len(tensor.tensor_content) == np.dtype(dtype).itemsize:
        numbers = np.frombuffer(tensor.tensor_content, dtype)
    return float(numbers[0]) if len(numbers) == 1 else None


@cache
def _event_class() -> Any:
    """The class of an `Event`, in a separate pool, since TensorFlow registers the same names."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="events", syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind) in fields.items():
            field = message.field.add(name=field_name, number=number)
            repeats = isinstance(kind, list)
            field.label = _Field.LABEL_REPEATED if repeats else _Field.LABEL_OPTIONAL
            kind = kind[0] if repeats else kind
            if isinstance(kind, str):
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".events.{kind}"
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("events.Event"))
