"""Limits on the decoding work of one video frame, checked before decoding.

FFmpeg cannot be interrupted while it decodes a frame. Codecs that store each frame as an image file
share the risks of such files: a 1 MB JPEG with thousands of scans keeps FFmpeg busy for a minute,
and a color profile in a PNG can expand to gigabytes. The limits are those of photos.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

from av.packet import Packet
from av.video.stream import VideoStream

from fer_core.imaging import check_scan_counts, too_expensive_to_decode

_JPEG_CODECS: Final = frozenset(
    {"mjpeg", "mjpegb", "jpegls", "ljpeg", "amv", "mxpeg", "smvjpeg", "sp5x", "thp"}
)
_PNG_CODECS: Final = frozenset({"png", "apng"})

UNCHECKED_CODECS: Final = frozenset({"avrn", "cri", "tdsc", "tiff"})
"""Their frames hold JPEGs in compressed data or tiles, where only FFmpeg finds them."""

_START_OF_SCAN: Final = b"\xff\xda"
_FRAME_HEADER: Final = re.compile(rb"(?=\xff[\xc0-\xcf\xf7]...(..)(..))", re.DOTALL)
"""Height and width in a JPEG frame header (ITU-T T.81, B.2.2). Overlapping matches are counted too,
and tables (C4, CC) count as headers, which is harmless."""

_MAX_FRAME_HEADERS: Final = 64
"""FFmpeg clears an image for each. Interlaced frames have two, with eight tables; previews add
some."""

_PNG_SIGNATURE_BYTES: Final = 8
_COMPRESSED_CHUNKS: Final = (b"iCCP", b"zTXt")
_MAX_UNPACKED_BYTES: Final = 16 * 2**20
"""For color profiles and texts together; the largest profiles have a few megabytes."""


def check_frame(packet: Packet[VideoStream]) -> None:
    """Checks one compressed frame.

    Args:
        packet: packet with the whole frame.

    Raises:
        InputRejected: it would take too long to decode, or too much memory.
    """
    context = packet.stream.codec_context
    if context.name in _JPEG_CODECS:
        _check_jpeg(bytes(packet), context.width * context.height)
    elif context.name in _PNG_CODECS:
        _check_png(bytes(packet))


def _check_jpeg(data: bytes, pixels: int) -> None:
    # Every marker counts, anywhere. A decoder that skips unknown data, or an end marker before the
    # image, would otherwise find scans that were not counted.
    sizes = [
        int.from_bytes(height, "big") * int.from_bytes(width, "big")
        for height, width in _FRAME_HEADER.findall(data)
    ]
    if len(sizes) > _MAX_FRAME_HEADERS:
        raise too_expensive_to_decode(f"has a frame with {len(sizes)} headers")
    check_scan_counts([(data.count(_START_OF_SCAN), max([pixels, *sizes]))])


def _check_png(data: bytes) -> None:
    left = _MAX_UNPACKED_BYTES
    at = _PNG_SIGNATURE_BYTES
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in _COMPRESSED_CHUNKS:
            _, _, compressed = data[at + 8 : at + 8 + size].partition(b"\0")
            left -= _unpacked_bytes(compressed[1:], left + 1)  # after the method number
            if left < 0:
                raise too_expensive_to_decode(
                    "has a frame whose texts or color profile are too large when decompressed"
                )
        at += 12 + size


def _unpacked_bytes(compressed: bytes, most: int) -> int:
    try:
        return len(zlib.decompressobj().decompress(compressed, most))
    except zlib.error:  # damaged, so no decoder decompresses it either
        return 0
