"""Searches all memory of a process for pictures, whoever holds it: Python, OpenCV, ONNX Runtime.

What was freed keeps its bytes until something else is written there, so the process has to start
with `FORGETS_WHAT_IS_FREED` in its environment: glibc then overwrites what is freed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from mmap import PAGESIZE
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

FORGETS_WHAT_IS_FREED: Final = {"MALLOC_PERTURB_": "165"}

_SIGNATURES: Final = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
_LARGEST_FILE: Final = 2**23
_SEARCHED: Final = 64
"""Bytes: as sure as more of them, and many times faster."""

_ALIKE: Final = 0.8
"""Correlation of grays with the same after JPEG compression; of others it is near 0."""


def forms_of(pixels: NDArray[np.uint8]) -> dict[str, bytes]:
    """Returns how a few pixels in a row, `(n, 3)` RGB uint8, may stand in memory."""
    opaque = np.full((len(pixels), 1), 255, np.uint8)
    forms = {
        "RGB": pixels,
        "BGR": pixels[:, ::-1],
        "RGBA, as Pillow keeps RGB": np.hstack([pixels, opaque]),
        "float32": pixels.astype(np.float32),
        "float32 up to 1": pixels.astype(np.float32) / np.float32(255),
    }
    return {name: numbers.tobytes()[:_SEARCHED] for name, numbers in forms.items()}


def found_in_memory(
    process: int, wanted: Mapping[str, bytes], *, row: NDArray[np.uint8], at: tuple[int, int]
) -> set[str]:
    """Returns which of the byte strings are in the memory of a process.

    Args:
        process: its number; it must be this one's child or of the same user.
        wanted: byte strings by their names.
        row: a few pixels in a row, `(n, 3)` RGB uint8. A JPEG or PNG that shows them is found as
            "a JPEG or PNG".
        at: y and x of the first of them in the picture.
    """
    found = set()
    for memory in _memory_of(process):
        found |= {name for name, data in wanted.items() if name not in found and data in memory}
        if any(_shows(picture, row, at) for picture in _encoded_pictures_in(memory)):
            found.add("a JPEG or PNG")
    return found


def _memory_of(process: int) -> Iterator[bytes]:
    """Yields what the process has written to, piece by piece; files that it maps are left out."""
    folder = Path(f"/proc/{process}")
    with (
        (folder / "mem").open("rb", buffering=0) as memory,
        (folder / "pagemap").open("rb", buffering=0) as pages,
    ):
        for line in (folder / "maps").read_text(encoding="utf-8").splitlines():
            span, rights, _, _, file, *_ = line.split(maxsplit=5)
            if not rights.startswith("rw") or file != "0":
                continue
            start, end = (int(address, 16) // PAGESIZE for address in span.split("-"))
            pages.seek(start * 8)
            entries = np.frombuffer(pages.read((end - start) * 8), np.uint64)
            is_used = np.concatenate([[False], entries >> np.uint64(62) != 0, [False]])
            borders = np.flatnonzero(is_used[1:] != is_used[:-1]) + start
            for first, last in borders.reshape(-1, 2).tolist():
                memory.seek(first * PAGESIZE)
                with suppress(OSError):  # given back meanwhile
                    yield memory.read((last - first) * PAGESIZE)


def _encoded_pictures_in(memory: bytes) -> Iterator[NDArray[np.uint8]]:
    """Yields every picture that can be decoded, `(height, width)` gray uint8."""
    for signature in _SIGNATURES:
        start = memory.find(signature)
        while start >= 0:
            data = np.frombuffer(memory, np.uint8, min(_LARGEST_FILE, len(memory) - start), start)
            picture = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
            if picture is not None:
                yield np.asarray(picture, np.uint8)
            start = memory.find(signature, start + 1)


def _shows(picture: NDArray[np.uint8], row: NDArray[np.uint8], at: tuple[int, int]) -> bool:
    y, x = at
    gray = row @ (0.299, 0.587, 0.114)
    shown = picture[y : y + 1, x : x + len(row)].reshape(-1)
    if shown.shape != gray.shape or not shown.std():
        return False
    return float(np.corrcoef(shown, gray)[0, 1]) > _ALIKE
