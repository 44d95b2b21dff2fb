"""Limits on the decoding work of an image file, checked before decoding.

A small file must not expand to gigabytes, nor keep a decoder busy for minutes with endless scans,
chunks, comments or runs. The checks depend on the bytes of the file, never on the format name that
a decoder reports.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from PIL import Image

from fer_core.errors import InputRejected
from fer_core.files import BMP, WEBP, FileKind

MAX_BYTES: Final = 20 * 1024 * 1024
"""Maximum file size in bytes."""

MAX_PIXELS: Final = 50_000_000
"""Maximum number of pixels, width times height."""

_MAX_WEBP_PIXELS: Final = 32_000_000
"""Its decoder holds five copies of the image."""

_MAX_BMP_RUN_PIXELS: Final = 4_000_000
"""The run-length decoder processes every pixel in Python."""

_MAX_READS: Final = 1_000_000
"""How often a decoder may read: an intact file of `MAX_BYTES` needs some thousand reads."""

_MAX_SCANS: Final = 1_000
_MAX_SCANNED_PIXELS: Final = 24 * MAX_PIXELS
"""Each scan of a JPEG file may visit all pixels; progressive files have 10 to 18 scans."""

_ARITHMETIC_FRAMES: Final = frozenset(range(0xC9, 0xD0)) - {0xCC}
"""Start-of-frame markers of arithmetic coding (ITU-T T.81, table B.1); CC defines its tables."""

_ARITHMETIC_COST: Final = 5
"""A scan costs up to five times as much as with Huffman codes, and a few bytes code all of it."""

_JPEG_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_BMP_RUN_LENGTHS: Final = (1, 2)  # RLE8 and RLE4


class LimitedReads(io.BytesIO):
    """A file in memory that stops decoders which read it in too many small pieces."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads_left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads, up to the maximum number of reads."""
        self._reads_left -= 1
        if self._reads_left < 0:
            raise too_expensive_to_decode("is split into millions of pieces")
        return super().read(size)


def check_size(data: bytes) -> None:
    """Checks the size of a file.

    Raises:
        InputRejected: it is empty or has more than `MAX_BYTES`.
    """
    if not data:
        raise InputRejected("The file is empty. Expected a picture.", reason="empty")
    if len(data) > MAX_BYTES:
        raise InputRejected(
            f"The file is too large. Expected at most {MAX_BYTES // 2**20} MB. "
            "Make the picture smaller, or save it as JPEG.",
            reason="too_large",
        )


def check_dimensions(kind: FileKind, image: Image.Image) -> None:
    """Checks the dimensions of an image that was opened but not decoded.

    Args:
        kind: format of the file.
        image: the image opened by Pillow.

    Raises:
        InputRejected: it has more pixels than allowed for this kind.
    """
    limit, of_kind = MAX_PIXELS, ""
    if kind == WEBP:
        limit, of_kind = min(limit, _MAX_WEBP_PIXELS), " in this format (WebP)"
    elif kind == BMP and image.info.get("compression") in _BMP_RUN_LENGTHS:
        limit, of_kind = min(limit, _MAX_BMP_RUN_PIXELS), " in this format (BMP, compressed)"
    if image.width * image.height > limit:
        raise too_many_pixels(f"{image.width} x {image.height} pixels", limit, of_kind)


def check_scans(jpegs: list[tuple[bytes, int]]) -> None:
    """Checks the decoding work of embedded JPEG data.

    Args:
        jpegs: complete JPEG streams, each with the number of pixels to decode.

    Raises:
        InputRejected: together they have too many scans.
    """
    check_scan_counts([(count_scans(data), pixels * _scan_cost(data)) for data, pixels in jpegs])


def check_scan_counts(counts: list[tuple[int, int]]) -> None:
    """Checks the decoding work of JPEG scans.

    Args:
        counts: number of scans and of pixels to decode in each, per JPEG stream.

    Raises:
        InputRejected: together they have too many scans.
    """
    scanned = sum(scans * pixels for scans, pixels in counts)
    if max((scans for scans, _ in counts), default=0) > _MAX_SCANS or scanned > _MAX_SCANNED_PIXELS:
        raise too_expensive_to_decode(f"has {sum(scans for scans, _ in counts)} scans")


def count_scans(data: bytes) -> int:
    """Counts the scans of a JPEG stream up to its end marker (ITU-T T.81, annex B)."""
    return sum(marker == 0xDA for marker in _markers(data))


def _scan_cost(data: bytes) -> int:
    return 1 if _ARITHMETIC_FRAMES.isdisjoint(_markers(data)) else _ARITHMETIC_COST


def _markers(data: bytes) -> Iterator[int]:
    position = 2
    while match := _JPEG_MARKER.search(data, position):
        marker, position = data[match.start() + 1], match.end()
        if marker == 0xD9:
            break
        yield marker
        if marker >= 0xC0 and marker != 0xD8:  # the others have no length
            position += int.from_bytes(data[position : position + 2], "big")


def too_many_pixels(received: str, limit: int = MAX_PIXELS, of_kind: str = "") -> InputRejected:
    """Returns the rejection of an image that is too large.

    Args:
        received: its size.
        limit: in pixels.
        of_kind: the images that the limit applies to, with a leading space; empty for all.
    """
    return InputRejected(
        f"The picture has too many pixels. Expected at most {limit // 10**6} megapixels{of_kind}. "
        f"Received: {received}. Make it smaller and try again.",
        reason="too_many_pixels",
    )


def too_expensive_to_decode(why: str) -> InputRejected:
    """Returns the rejection of a file that takes too long to decode, with the reason."""
    return InputRejected(
        f"The picture would take too long to decode: the file {why}. Save a copy in a picture "
        "editor.",
        reason="corrupt",
    )
